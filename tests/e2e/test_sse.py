"""Server-Sent Events of the deployed stack with curl, continued by hand, and with the npm EventSource."""

import json
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer

import pytest

from downloads.aws.recording import RecordingDynamoJobs
from downloads.model import Job
from tests.conftest import ready
from tests.e2e.conftest import PATIENCE_S, Service
from tests.e2e.progress_stream import check
from tests.events import Event, parse

NPM = Path(__file__).parent / "eventsource"
HOLD_S = 20


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: str
    seconds: float


def curl(service: Service, job_id: str, held: str | None = None) -> Answer:
    """`curl -N` as a person would call it; curl itself says status and headers."""
    url = f"{service.cloud.outputs['ApiUrl']}/v1/download/progress/{job_id}"
    header = ["-H", f"Authorization: Bearer {service.token}"]
    header += ["-H", f"Last-Event-ID: {held}"] if held else []
    report = "%{stderr}%{http_code}\n%{header_json}"
    began = time.monotonic()
    done = subprocess.run(
        ["curl", "-N", "-s", "-w", report, *header, url],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    seconds = time.monotonic() - began
    status, headers = done.stderr.split("\n", 1)
    found = {name.lower(): values[0] for name, values in json.loads(headers).items()}
    return Answer(int(status), found, done.stdout, seconds)


def test_curl_follows_a_job_to_its_end(service: Service) -> None:
    job_id = service.initiate(list(range(60_000, 60_400)))
    events: list[Event] = []
    while not events or events[-1].name != "end":
        answer = curl(service, job_id, events[-1].id if events else None)
        assert answer.status == 200
        events += parse(answer.body)
    assert len(events) > 2, "it ended before it could be watched"
    check(events, job_id, service)
    stopped = curl(service, job_id, events[-1].id)
    assert (stopped.status, stopped.body) == (204, "")


def test_the_answer_is_what_event_streams_are(service: Service) -> None:
    answer = curl(service, service.initiate([70000]))
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-accel-buffering"] == "no"
    assert "retry: 1000\n" in answer.body


def test_an_unknown_job_is_refused_as_everywhere(service: Service) -> None:
    answer = curl(service, "00000000-0000-4000-8000-000000000000")
    assert (answer.status, json.loads(answer.body)["error"]["code"]) == (404, "JOB_NOT_FOUND")


def test_a_quiet_connection_is_held_and_answered_with_a_comment(service: Service, idle: Job) -> None:
    answer = curl(service, idle.job_id, "1")
    assert (answer.status, parse(answer.body)) == (200, [])
    assert answer.body.startswith(": keep-alive\n")
    assert HOLD_S <= answer.seconds < HOLD_S + 9


def test_a_held_connection_is_answered_as_soon_as_there_is_news(
    service: Service, idle: Job, jobs: RecordingDynamoJobs
) -> None:
    later = Timer(3, jobs.record, (idle, [ready(70007)], datetime.now(UTC)))
    later.start()
    answer = curl(service, idle.job_id, "1")
    later.join()
    (event,) = parse(answer.body)
    assert (event.name, event.id, event.data["since"]) == ("change", "2", 1)
    assert 3 <= answer.seconds < HOLD_S / 2


@pytest.mark.parametrize("ended_before", [False, True])
def test_the_npm_eventsource_follows_a_job_and_stops(service: Service, ended_before: bool) -> None:
    job_id = service.initiate([*range(61_000, 61_200), 70000])
    if ended_before:
        service.ended(job_id)
    ticket = service.ticket(job_id)
    url = f"{service.cloud.outputs['ApiUrl']}/v1/download/progress/{job_id}?ticket={ticket}"
    told = subprocess.run(
        ["node", NPM / "follow.mjs", url], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    *lines, closed = (json.loads(line) for line in told.stdout.splitlines())
    assert closed == {"name": "closed", "code": 204}
    check([Event(**line) for line in lines], job_id, service)
