"""stream_progress on moto: the sample events, resuming, the end, what is refused."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Timer
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

import stream_progress
from downloads import wiring
from downloads.model import Job
from downloads.settings import StreamSettings
from downloads.ticket import draw
from tests.conftest import failed, ready
from tests.events import Event, parse
from tests.integration.conftest import context, sample

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def ask(name: str = "stream_progress", held: str | None = None, path: str | None = None) -> dict[str, Any]:
    event = sample(name)
    if held is not None:
        event["headers"]["last-event-id"] = held
    if path:
        event["rawPath"] = event["requestContext"]["http"]["path"] = path
    return stream_progress.handler(event, context())


def events(answer: dict[str, Any]) -> list[Event]:
    assert answer["statusCode"] == HTTPStatus.OK
    return parse(answer["body"])


def record(aws: SimpleNamespace, job: Job, *file_ids: int) -> None:
    now = datetime.now(UTC)
    results = [failed(file_id) if file_id == 70014 else ready(file_id) for file_id in file_ids]
    aws.jobs.record(aws.jobs.get(job.job_id), results, now)


def test_the_reply_says_what_is_left_to_whoever_opened_the_stream(
    aws: SimpleNamespace, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opened by a ticket: neither the address nor a header names the user."""
    monkeypatch.setenv("RATE_LIMIT_PER_MINUTE", "1")
    wiring.settings.cache_clear()
    now = datetime.now(UTC)
    bobs = replace(job, job_id=str(uuid4()), owner="user:bob")
    aws.jobs.create(bobs, [70000])
    config = wiring.settings(StreamSettings)
    wiring.allowances(config).take("user:bob", now)
    secret, ticket = draw("user:bob", bobs.job_id, None, now)
    wiring.tickets(config).issue(ticket)
    event = sample("stream_progress")
    event["rawPath"] = event["requestContext"]["http"]["path"] = f"/v1/download/progress/{bobs.job_id}"
    answer = stream_progress.handler(event | {"queryStringParameters": {"ticket": secret}}, context())
    assert answer["statusCode"] == HTTPStatus.OK
    assert int(answer["headers"]["ratelimit-remaining"]) == config.rate_limit_burst - 1


def test_a_snapshot_comes_first(aws: SimpleNamespace, job: Job) -> None:
    record(aws, job, 70000)
    answer = ask()
    (event,) = events(answer)
    assert (event.name, event.id) == ("snapshot", "2")
    assert event.data["progress"] == {"completed": 1, "failed": 0, "total": 3, "percentage": 33}
    assert event.data["files"] == [{"file_id": 70000, "status": "completed", "size": 42}]
    assert answer["body"].startswith(": keep-alive\nretry: 1000\n\n")


def test_the_headers_let_events_through_at_once(aws: SimpleNamespace, job: Job) -> None:
    headers = {name.lower(): value for name, value in ask()["headers"].items()}
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["x-accel-buffering"] == "no"
    assert "x-request-id" in headers


@pytest.mark.parametrize("name", ["stream_progress.resume", "stream_progress.query"])
def test_nothing_new_is_a_comment_alone(aws: SimpleNamespace, job: Job, name: str) -> None:
    answer = ask(name)
    assert events(answer) == []
    assert answer["body"] == ": keep-alive\nretry: 1000\n\n"


@pytest.mark.parametrize("name", ["stream_progress.resume", "stream_progress.query"])
def test_who_holds_an_older_version_gets_what_is_known_now(aws: SimpleNamespace, job: Job, name: str) -> None:
    record(aws, job, 70000)
    (event,) = events(ask(name))
    assert (event.name, event.id) == ("snapshot", "2")


def test_what_changes_while_waiting_is_answered_at_once(
    aws: SimpleNamespace, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(aws, job, 70000)
    monkeypatch.setenv("SSE_HOLD_SECONDS", "20")
    later = Timer(0.3, record, (aws, job, 70007))
    later.start()
    (event,) = events(ask(held="2"))
    later.join()
    assert (event.name, event.id, event.data["since"]) == ("change", "3", 2)
    assert [file["file_id"] for file in event.data["files"]] == [70007]


def test_an_ended_job_says_so_and_then_nothing_more(aws: SimpleNamespace, job: Job) -> None:
    record(aws, job, 70000, 70007, 70014)
    state, last = events(ask())
    assert (state.name, last.name) == ("snapshot", "end")
    assert state.data["status"] == last.data["status"] == "completed"
    assert state.data["files"][2]["errorCode"] == "NOT_FOUND"
    again = ask(held=last.id)
    assert (again["statusCode"], again["body"]) == (HTTPStatus.NO_CONTENT, "")


@pytest.mark.parametrize("held", ["", "x", "-1", "1.5", "2, 2", "9" * 400, "٣", "4"])
def test_what_is_no_id_of_this_job_counts_as_none(aws: SimpleNamespace, job: Job, held: str) -> None:
    (event,) = events(ask(held=held))
    assert (event.name, event.id) == ("snapshot", "1")


def test_the_header_is_newer_than_the_query(aws: SimpleNamespace, job: Job) -> None:
    record(aws, job, 70000)
    assert events(ask("stream_progress.query", held="2")) == []


@pytest.mark.parametrize(
    ("job_id", "status", "code"), [(UNKNOWN, 404, "JOB_NOT_FOUND"), ("x", 422, "INVALID_REQUEST")]
)
def test_errors_have_the_documented_shape(aws: SimpleNamespace, job_id: str, status: int, code: str) -> None:
    answer = ask(path=f"/v1/download/progress/{job_id}")
    body = json.loads(answer["body"])
    assert (answer["statusCode"], body["error"]["code"]) == (status, code)
    assert body["requestId"] == answer["headers"]["x-request-id"]


def test_a_stream_that_has_begun_outlives_a_fault(job: Job, table_away: None) -> None:
    assert ask()["statusCode"] == HTTPStatus.SERVICE_UNAVAILABLE
    assert events(ask(held="1")) == []
