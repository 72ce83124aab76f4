"""A real Prometheus reads the running stack: the counts are exact, its alerts ring at a receiver."""

import json
import math
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from infra_cdk.samples import MISSING
from tests.e2e.conftest import until
from tests.observability.conftest import Watch, alertmanager
from tests.observability.live.conftest import READY, Observed
from tests.observability.sample import filled, panels
from tests.observability.scraping import scraping
from tests.observability.servers import serving

STAGE = "live"
PANELS = panels()
VARIABLES = {"$__rate_interval": "1m", "$__range": "5m", "$stage": STAGE}


@pytest.fixture(scope="module")
def counted(observed: Observed, story: str) -> dict[str, int]:
    """Besides the story: one job that fails, one that is cancelled, and copies of its messages."""
    service = observed.service
    assert service.ended(service.initiate([MISSING]))["status"] == "failed"
    cancelled = service.initiate(READY)
    assert service.http.delete(f"/v1/download/{cancelled}").json()["status"] == "cancelled"
    _send_again(observed, story)
    return {"completed": 1, "failed": 1, "cancelled": 1, "success": 2, "failure": 2}


def _send_again(observed: Observed, job_id: str) -> None:
    """Copies of all messages of an ended job, as SQS may deliver them; waits until they are worked off."""
    cloud = observed.service.cloud
    sqs, url = cloud.client("sqs"), cloud.outputs["NormalQueueUrl"]
    for file_id in [*READY, MISSING]:
        body = json.dumps({"jobId": job_id, "fileId": file_id, "round": 1})
        for _ in range(2):
            sqs.send_message(QueueUrl=url, MessageBody=body)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    until(
        lambda: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"],
        lambda left: set(left.values()) == {"0"},
    )


@pytest.fixture(scope="module")
def watch(
    observed: Observed, counted: dict[str, int], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watch]:
    """The sample's own configuration, with this stack as its only target."""
    folder = tmp_path_factory.mktemp("live")
    with ExitStack() as stack:
        receiver = stack.enter_context(serving(lambda _: (200, "thanks")))
        rings_at = alertmanager(stack, folder / "alertmanager", receiver)
        running_at = scraping(stack, folder / "prometheus", observed.service.cloud, STAGE, "3s", rings_at)
        found = Watch(running_at, receiver, {})
        # Rates need two points.
        until(lambda: found.query(f'count_over_time(up{{stage="{STAGE}"}}[5m])'), _several)
        yield found


def _several(rows: list[dict[str, Any]]) -> bool:
    return bool(rows) and float(rows[0]["value"][1]) > 3


def numbers(watch: Watch, expression: str, label: str) -> dict[str, int]:
    return {row["metric"][label]: int(float(row["value"][1])) for row in watch.query(expression)}


def test_jobs_and_files_are_counted_exactly(watch: Watch, counted: dict[str, int]) -> None:
    jobs = numbers(watch, "sum by (status) (download_jobs_total)", "status")
    assert jobs == {
        "queued": 3,
        # The cancelled one was still queued.
        "processing": 2,
        **{status: counted[status] for status in ("completed", "failed", "cancelled")},
    }
    files = numbers(watch, "sum by (status) (download_files_processed_total)", "status")
    assert files == {status: counted[status] for status in ("success", "failure")}


def test_what_is_served_is_as_prometheus_wants_it(observed: Observed) -> None:
    found = subprocess.run(
        ["promtool", "check", "metrics"],
        input=observed.scrape(),
        capture_output=True,
        text=True,
        check=False,
    )
    # The names of these two are older than the rule that they break.
    assert {line.split()[0] for line in (found.stdout + found.stderr).splitlines()} == {
        "download_worker_active_count",
        "download_worker_idle_count",
    }


def test_requests_are_counted_by_their_route(watch: Watch) -> None:
    asked = 'http_requests_total{method="POST", endpoint="/v1/download/initiate"}'
    assert numbers(watch, f"sum by (status) ({asked})", "status") == {"202": 3, "500": 0, "503": 0}
    templates = {row["metric"]["endpoint"] for row in watch.query("http_requests_total")}
    assert {name for name in templates if "{jobId}" not in name} <= {
        "/v1/download/initiate",
        "/v1/download/check",
        "/health",
        "$default",
    }


def test_the_store_was_asked_once_a_file(watch: Watch) -> None:
    asked = 's3_requests_total{operation="HeadObject"}'
    found = numbers(watch, f"sum by (status) ({asked})", "status")
    assert (found["200"], found["404"]) == (2, 2)


@pytest.mark.parametrize(
    ("dashboard", "panel"), PANELS, ids=[f"{board}: {panel['title']}" for board, panel in PANELS]
)
def test_every_panel_has_something_to_show(watch: Watch, dashboard: str, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        expression = filled(target["expr"], VARIABLES)
        assert watch.query(expression), expression


def test_nothing_rings_while_all_is_well_and_a_letter_does(watch: Watch, observed: Observed) -> None:
    assert {alert["labels"]["alertname"] for alert in watch.firing()} <= {"SweeperSilent", "ClosingSilent"}
    cloud = observed.service.cloud
    cloud.client("sqs").send_message(QueueUrl=cloud.outputs["ParkedQueueUrl"], MessageBody="given up")
    until(
        lambda: [call.body for call in watch.receiver.calls],
        lambda bodies: b"FilesParked" in b"".join(bodies),
    )
    (row,) = watch.query('download_dead_letters{queue="parked"}')
    assert float(row["value"][1]) == 1
    assert math.isfinite(float(row["value"][0]))
