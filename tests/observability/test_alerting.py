"""Prometheus scrapes, its rules fire for the stage in trouble alone, and the receiver hears of it."""

import json
from typing import Any

import pytest

from tests.observability.conftest import Watch
from tests.observability.sample import alerts
from tests.observability.servers import until

# One Prometheus for all of these.
pytestmark = pytest.mark.xdist_group("observability")

EVERY = {rule["alert"] for rule in alerts()}


def _told(watch: Watch) -> list[tuple[str, dict[str, Any]]]:
    told = [(call.path, json.loads(call.body)) for call in watch.receiver.calls]
    return [(path, alert) for path, group in told for alert in group["alerts"]]


def test_both_stages_are_scraped_with_the_token_and_the_third_is_missed(watch: Watch) -> None:
    up = {row["metric"]["stage"]: row["value"][1] for row in watch.query('up{job="downloads"}')}
    assert up == {"well": "1", "sick": "1", "gone": "0"}


def test_trouble_rings_every_alert_and_health_none(watch: Watch) -> None:
    def rung() -> set[str]:
        return {alert["labels"]["alertname"] for alert in watch.firing()}

    until(lambda: rung() == EVERY, 20)
    assert {alert["labels"].get("stage") for alert in watch.firing()} == {"sick", "gone"}


def test_what_an_alert_says_is_filled_in(watch: Watch) -> None:
    until(lambda: len(watch.firing()) >= len(EVERY), 20)
    texts = [text for alert in watch.firing() for text in alert["annotations"].values()]
    assert [text for text in texts if "{{" in text or "<no value>" in text or "error" in text[:9]] == []
    summaries = {alert["labels"]["alertname"]: alert["annotations"]["summary"] for alert in watch.firing()}
    assert summaries["HighJobFailureRate"] == "sick: 50% of the jobs fail"
    assert summaries["QueueBacklog"] == "sick: 1203 files wait"


def test_the_receivers_hear_of_it_by_severity(watch: Watch) -> None:
    until(lambda: {"/pager", "/chat"} <= {path for path, _ in _told(watch)}, 30)
    until(lambda: "WorkerDown" in {alert["labels"]["alertname"] for _, alert in _told(watch)}, 30)
    told = {(path, alert["labels"]["severity"]) for path, alert in _told(watch)}
    assert told == {("/pager", "critical"), ("/chat", "warning")}
    down = next(alert for _, alert in _told(watch) if alert["labels"]["alertname"] == "WorkerDown")
    assert down["status"] == "firing"
    assert down["annotations"]["runbook_url"].endswith("docs/runbook.md#nothing-works-on-waiting-files")
