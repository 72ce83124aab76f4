"""Settings: what stages are, what an override may be, and what is refused before anything is deployed."""

from dataclasses import FrozenInstanceError

import pytest

from infra_cdk.app import configure
from infra_cdk.config import for_stage
from infra_cdk.overrides import parse, setting_names


def test_the_high_lane_gets_two_of_five() -> None:
    config = for_stage("dev")
    assert (config.high_concurrency, config.normal_concurrency) == (2, 3)


def test_a_configuration_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        for_stage("dev").stage = "prod"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"max_concurrency": 3}, "MAX_CONCURRENCY is 3: two lanes need 2 each, so 4 or more"),
        ({"max_concurrency": 4, "high_concurrency": 3}, "the normal lane 1"),
        ({"high_concurrency": 1}, "the high lane 1"),
        ({"max_concurrency": 1_500}, "the normal lane 1498"),
        ({"max_attempts": 0}, "MAX_ATTEMPTS is 0"),
        ({"min_file_id": 50, "max_file_id": 49}, "MAX_FILE_ID 49 is below MIN_FILE_ID 50"),
        ({"url_ttl_seconds": 604_801}, "URL_TTL_SECONDS is 604801"),
        ({"download_delay_max_ms": 900_001}, "DOWNLOAD_DELAY_MAX_MS"),
        ({"download_delay_min_ms": 200_000}, "DOWNLOAD_DELAY_MIN_MS"),
        ({"key_template": "downloads/file.zip"}, "KEY_TEMPLATE is 'downloads/file.zip'"),
        ({"key_template": "{file_id}/{file_id}.zip"}, "once"),
        ({"s3_endpoint_url": "https://s3.example.org"}, "BUCKET_NAME must say"),
        ({"s3_access_key_id": "key"}, "must be given together"),
        ({"log_retention_days": 8}, "LOG_RETENTION_DAYS is 8"),
        ({"sse_hold_seconds": 21}, "SSE_HOLD_SECONDS is 21: 0 to 20"),
        ({"worker_timeout_seconds": 901}, "WORKER_TIMEOUT_SECONDS is 901"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        for_stage("dev", **settings)


@pytest.mark.parametrize(("stage", "target"), [("staging", "aws"), ("dev", "azure")])
def test_an_unknown_stage_or_target_is_refused(stage: str, target: str) -> None:
    with pytest.raises(ValueError, match="one of"):
        configure(stage, target, "", {})


def test_overrides_are_read_by_their_type() -> None:
    given = {
        "MAX_CONCURRENCY": "10",
        "DOWNLOAD_DELAY_ENABLED": "true",
        "CORS_ORIGINS": "https://a.example, https://b.example",
        "BUCKET_NAME": "files",
        "HOME": "/root",
    }
    assert parse(given) == {
        "max_concurrency": 10,
        "download_delay_enabled": True,
        "cors_origins": ("https://a.example", "https://b.example"),
        "bucket_name": "files",
    }


def test_an_empty_override_is_none() -> None:
    assert parse({"BUCKET_NAME": "", "MAX_CONCURRENCY": ""}) == {}


def test_the_text_false_is_false() -> None:
    assert parse({"S3_PATH_STYLE": "false"}) == {"s3_path_style": False}


@pytest.mark.parametrize(
    ("name", "text", "takes"),
    [("MAX_CONCURRENCY", "many", "a whole number"), ("TRACING", "maybe", "true or false")],
)
def test_an_override_of_the_wrong_type_is_refused_by_its_name(name: str, text: str, takes: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is '{text}': it takes {takes}"):
        parse({name: text})


def test_neither_the_stage_nor_the_addresses_are_settings() -> None:
    assert not {"STAGE", "ADDRESSES"} & set(setting_names())
    assert parse({"STAGE": "prod"}) == {}


def test_an_emulator_gets_its_addresses_and_path_style_only() -> None:
    local, aws = (configure("dev", target, "http://127.0.0.1:4599/", {}) for target in ("local", "aws"))
    assert local.addresses.http.startswith("http://127.0.0.1:4599/_aws/")
    assert local.s3_path_style
    assert (aws.addresses.api_id_tag, aws.s3_path_style) == (None, False)
