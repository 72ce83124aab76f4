"""A run's telling never costs its work."""

import sys
from types import SimpleNamespace
from typing import Any

import pytest

from downloads import run as runs
from downloads import wiring
from downloads.telemetry import spans


class Broken:
    """A standard output that nobody reads any more."""

    def write(self, _: str) -> int:
        raise BrokenPipeError

    def flush(self) -> None:
        """Nothing."""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"STAGE": "test", "TABLE_NAME": "any", "TRACING": "none"}.items():
        monkeypatch.setenv(name, value)
    wiring.settings.cache_clear()


def context(left_ms: int = 60_000, **changes: object) -> Any:
    values = {
        "function_name": "tested",
        "aws_request_id": "run-1",
        "memory_limit_in_mb": "512",
        "get_remaining_time_in_millis": lambda: left_ms,
    }
    return SimpleNamespace(**(values | changes))


@runs.run
def handler(event: dict[str, Any], _: Any) -> str:
    if event.get("fails"):
        raise LookupError("its own")
    return "done"


def test_an_output_that_is_gone_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Broken())
    assert handler({}, context()) == "done"
    with pytest.raises(LookupError, match="its own"):
        handler({"fails": True}, context())


@pytest.mark.parametrize("limit", [None, "much"])
def test_a_runtime_that_says_nonsense_costs_nothing(limit: str | None) -> None:
    assert handler({}, context(memory_limit_in_mb=limit)) == "done"


def test_settings_that_are_wrong_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUDWATCH_METRICS", "perhaps")
    assert handler({}, context()) == "done"


def test_near_its_end_a_run_tells_no_one_far_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Port 9 (discard) answers nobody: whoever asked there would fail, and say so."""
    monkeypatch.setenv("KEEP_METRICS", "true")
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    for made in (wiring.counting_client, wiring.counters, wiring.counting_rest):
        made.cache_clear()
    assert handler({}, context(left_ms=runs.ENOUGH_MS)) == "done"
    assert not wiring.counting_rest().on
    assert handler({}, context()) == "done"
    assert wiring.counting_rest().on
    assert spans() is spans()
