"""Settings: text from the environment, read as what it means."""

import inspect

import pytest
from msgspec import ValidationError

from downloads import account_settings, settings, trace_settings
from downloads.account_settings import TokenSettings
from downloads.estimate import Delay
from downloads.setting_parts import ObjectSettings, PaceSettings, Settings, StageSettings, read
from downloads.settings import load
from downloads.trace_settings import TraceSettings

BASE = {"stage": "test", "table_name": "t", "max_concurrency": "5"}


@pytest.mark.parametrize(("text", "on"), [("false", False), ("0", False), ("true", True), ("1", True)])
def test_a_boolean_is_what_its_text_says(text: str, on: bool) -> None:
    settings = read(PaceSettings, BASE | {"download_delay_enabled": text})
    assert settings.delay == (Delay(10_000, 120_000) if on else Delay())


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_concurrency": "0"},
        {"max_concurrency": "many"},
        {"download_delay_enabled": "perhaps"},
        {"download_delay_max_ms": "900001"},
        {"download_delay_min_ms": "200000"},
    ],
)
def test_a_wrong_value_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        read(PaceSettings, BASE | wrong)


def test_a_key_template_needs_the_file_id() -> None:
    given = {"stage": "t", "table_name": "t", "bucket_name": "b", "url_ttl_seconds": "60"}
    assert read(ObjectSettings, given | {"key_template": "a/{file_id}"}).url_ttl.seconds == 60
    with pytest.raises(ValidationError):
        read(ObjectSettings, given | {"key_template": "a/b.zip"})


def test_a_missing_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.delenv("TABLE_NAME", raising=False)
    with pytest.raises(ValidationError, match="table_name"):
        load(Settings)


TOKENS = {"stage": "test", "table_name": "t", "auth_mode": "jwt", "token_issuer": "https://issuer.example"}


def test_lists_are_separated_by_commas() -> None:
    given = {"token_audiences": " one, two,", "cors_origins": "https://a.example,https://b.example"}
    settings = read(TokenSettings, TOKENS | given)
    assert (settings.audiences, settings.origins) == (
        ("one", "two"),
        ("https://a.example", "https://b.example"),
    )
    assert not settings.anonymous


@pytest.mark.parametrize(
    "wrong",
    [{}, {"token_audiences": " , "}, {"token_audiences": "a", "token_issuer": ""}, {"auth_mode": "off"}],
)
def test_a_stage_that_asks_for_tokens_says_whose(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        read(TokenSettings, TOKENS | wrong)


def test_a_stage_that_asks_for_none_needs_no_issuer() -> None:
    settings = read(TokenSettings, {"stage": "test", "table_name": "t", "auth_mode": "none"})
    assert (settings.anonymous, settings.origins, settings.jwks_url) == (True, (), None)


COLLECTED = {"stage": "test", "tracing": "otlp", "otlp_endpoint": "https://otel.example:4318/base/"}


def test_spans_go_nowhere_unless_it_is_said_where() -> None:
    assert read(TraceSettings, {"stage": "test"}).tracing == "none"


def test_a_collectors_headers_are_read_as_opentelemetry_writes_them() -> None:
    given = {"otlp_headers": "Authorization=Basic%20YTpi==, x-team=downloads,,", "trace_sample_rate": "0.1"}
    settings = read(TraceSettings, COLLECTED | given)
    assert settings.headers == {"authorization": "Basic YTpi==", "x-team": "downloads"}
    assert (settings.traces_url, settings.trace_sample_rate) == (
        "https://otel.example:4318/base/v1/traces",
        0.1,
    )
    assert read(TraceSettings, COLLECTED).headers == {}


@pytest.mark.parametrize("wrong", [{"tracing": "yes"}, {"otlp_endpoint": ""}, {"trace_sample_rate": "1.1"}])
def test_a_collector_that_cannot_be_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        read(TraceSettings, COLLECTED | wrong)


def models() -> list[type]:
    found = [
        each
        for module in (settings, account_settings, trace_settings)
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, StageSettings)
    ]
    assert len(found) > 20
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("model", models())
def test_at_most_one_part_of_a_model_looks_at_several_settings(model: type) -> None:
    """A second one's ``__post_init__`` would hide the first."""
    assert sum("__post_init__" in vars(base) for base in model.__mro__) <= 1
