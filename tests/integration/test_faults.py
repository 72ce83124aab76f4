"""Faults as they arrive at a Sentry: each once, with what it is about, and nothing else."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import sentry_sdk

import authorize_websocket
import initiate_job
import jobs_api
import process_file
import publish_progress
from downloads import VERSION, faults, wiring
from downloads.errors import StateUnavailableError
from downloads.faults import Run
from downloads.model import Job
from downloads.run import run as whole
from downloads.settings import FaultSettings, JobsApiSettings
from downloads.telemetry import logger
from downloads.trace import Trace
from tests.conftest import a_job
from tests.integration.conftest import IDS, JOB_ID, context, lines, sample
from tests.integration.signed_in import by
from tests.sentry_receiver import SentryReceiver

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
TRACE = Trace("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
FORCED = "Sentry test error triggered for file_id=70000 - This should appear in Sentry!"


def run(handler: Handler, event: dict[str, Any]) -> dict[str, Any]:
    return handler(event, context())


@pytest.fixture
def sentry(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[SentryReceiver]:
    with SentryReceiver() as receiver:
        monkeypatch.setenv("SENTRY_DSN", receiver.dsn)
        yield receiver
        assert receiver.refused == []
    forget()


@pytest.fixture
def stuck_sentry(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with SentryReceiver(stuck=True) as receiver:
        monkeypatch.setenv("SENTRY_DSN", receiver.dsn)
        yield
    forget()


def forget() -> None:
    """No other test's lines go to a Sentry that is gone."""
    faults.reporter.cache_clear()
    sentry_sdk.get_global_scope().set_client(None)


def http(path: str, method: str = "GET", body: object = None, **query: str) -> dict[str, Any]:
    event = sample("jobs_api")
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["routeKey"] = f"{method} {path}"
    event["headers"] |= {
        "x-request-id": "request-1",
        "x-correlation-id": "order-7",
        "traceparent": TRACE.traceparent,
    }
    event["headers"].pop("x-amzn-trace-id")
    event["queryStringParameters"] = query
    event["body"] = json.dumps(body) if body is not None else None
    return event


def forced(file_id: int = 70000) -> dict[str, Any]:
    return http("/v1/download/check", "POST", {"file_id": file_id}, sentry_test="true")


def thrown(event: dict[str, Any]) -> tuple[str, str]:
    last = event["exception"]["values"][-1]
    return last["type"], last["value"]


def test_a_forced_error_is_one_event_and_the_documented_500(sentry: SentryReceiver) -> None:
    answer = run(jobs_api.handler, forced())
    assert (answer["statusCode"], json.loads(answer["body"])["error"]["code"]) == (500, "INTERNAL_ERROR")
    assert "Sentry" not in answer["body"]
    (event,) = sentry.events
    assert thrown(event) == ("ForcedError", FORCED)
    assert (event["level"], event["release"], event["environment"]) == (
        "error",
        f"downloads@{VERSION}",
        "test",
    )
    assert event["tags"] == {
        "function": "jobs_api",
        "requestId": "request-1",
        "correlationId": "order-7",
        "traceId": TRACE.trace_id,
        "download_type": "async",
    }
    assert event["contexts"]["download_job"] == {"file_id": 70000}
    assert (event["logentry"]["message"], event["transaction"]) == (
        "unexpected error",
        "/v1/download/check",
    )
    assert sentry.transactions == []


def test_an_error_is_not_forced_in_prod(sentry: SentryReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAGE", "prod")
    answer = run(jobs_api.handler, forced())
    assert (answer["statusCode"], json.loads(answer["body"])["available"]) == (200, True)
    assert sentry.events == []


def test_a_fault_is_told_with_its_job_and_a_hash_of_its_owner(
    sentry: SentryReceiver, aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH_MODE", "jwt")
    now = datetime.now(UTC)
    job = a_job(job_id=JOB_ID, owner="user:alice", expires_at=now + timedelta(days=1))
    aws.jobs.create(job, IDS)
    # The results of the job cannot be read once the job was.
    monkeypatch.setattr(wiring.jobs(wiring.settings(JobsApiSettings)), "standings", broken)
    assert run(jobs_api.handler, by("alice", sample("jobs_api")))["statusCode"] == 500
    (event,) = sentry.events
    counts = {"status": "queued", "total": 3, "completed": 0, "failed": 0}
    assert event["contexts"]["download_job"] == {"job_id": JOB_ID, **counts}
    assert event["user"] == {"id": sha256(b"user:alice").hexdigest()[:16]}
    assert "alice" not in json.dumps(event)
    about = {name: event["tags"][name] for name in ("jobId", "download_type", "lane", "file_count")}
    assert about == {"jobId": JOB_ID, "download_type": "async", "lane": "normal", "file_count": 3}
    assert "server_name" not in event


def broken(*_: object) -> None:
    raise RuntimeError("broken")


@pytest.mark.parametrize(
    ("status", "event"),
    [
        (404, http(f"/v1/download/status/{JOB_ID[:-1]}1")),
        (404, http("/nothing/here")),
        (405, http("/v1/download/check")),
        (422, http("/v1/download/check", "POST", {"file_id": 5})),
        (422, http("/v1/download/status/no-uuid")),
        (400, http("/v1/download/check", "POST") | {"body": "{"}),
        (409, http(f"/v1/download/{JOB_ID}/retry", "POST")),
    ],
)
def test_a_refusal_is_no_fault(sentry: SentryReceiver, job: Job, status: int, event: dict[str, Any]) -> None:
    assert run(jobs_api.handler, event)["statusCode"] == status
    assert sentry.items == []


def test_a_limit_is_no_fault(sentry: SentryReceiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAX_OPEN_JOBS", "1")
    answers = [run(initiate_job.handler, sample("initiate_job"))["statusCode"] for _ in range(2)]
    monkeypatch.setenv("RATE_LIMIT_BURST", "1")
    event = sample("initiate_job")
    event["headers"]["idempotency-key"] = "another"
    wiring.settings.cache_clear()
    assert run(initiate_job.handler, event)["statusCode"] == 429
    assert answers[0] == 202
    assert sentry.items == []


def test_a_fault_that_leaves_a_worker_is_one_event(sentry: SentryReceiver, job: Job) -> None:
    event = sample("process_file")
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "never"
    with pytest.raises(ValueError, match="never"):
        run(process_file.handler, event)
    (told,) = sentry.events
    assert thrown(told)[0] == "ValueError"
    assert (told["tags"]["function"], told["transaction"]) == ("process_file", "process_file")


def test_a_worker_says_what_its_batch_was(
    sentry: SentryReceiver, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_file, "process", broken)
    with pytest.raises(RuntimeError, match="broken"):
        run(process_file.handler, sample("process_file"))
    (event,) = sentry.events
    about = {name: event["tags"][name] for name in ("jobId", "download_type", "lane", "file_count")}
    assert about == {"jobId": JOB_ID, "download_type": "async", "lane": "high", "file_count": 3}
    assert event["contexts"]["download_job"] == {"job_id": JOB_ID}


def test_a_fault_that_is_logged_and_raised_is_one_event(
    sentry: SentryReceiver, table_away: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH_MODE", "none")
    event = sample("authorize_websocket")
    event["queryStringParameters"] = {"ticket": "A" * 43}
    with pytest.raises(StateUnavailableError):
        run(authorize_websocket.handler, event)
    (told,) = sentry.events
    assert (thrown(told)[0], told["logentry"]["message"]) == (
        "StateUnavailableError",
        "nobody can be let in",
    )
    assert "A" * 43 not in json.dumps(told)


def test_a_line_at_error_is_one_event_with_its_own_job(sentry: SentryReceiver, job: Job) -> None:
    @whole
    def logs(event: dict[str, Any], context: Any) -> dict[str, Any]:
        faults.about(Run(job=job))
        logger().warning("fault", extra={"jobId": "another"}, exc_info=RuntimeError("dealt with"))
        logger().error("dead letters", extra={"jobId": "another", "fileId": 70000})
        return {}

    run(logs, {})
    (told,) = sentry.events
    assert told["logentry"]["message"] == "dead letters"
    assert told["tags"]["jobId"] == "another"
    assert told["contexts"]["download_job"] == {"job_id": "another", "file_id": 70000}
    assert [crumb["message"] for crumb in told["breadcrumbs"]["values"]] == ["fault"]


def test_two_faults_of_one_run_are_two_events(sentry: SentryReceiver) -> None:
    @whole
    def logs(event: dict[str, Any], context: Any) -> dict[str, Any]:
        for text in ("first", "second"):
            try:
                raise RuntimeError(text)
            except RuntimeError:
                logger().exception("failed", extra={"jobId": text})
        return {}

    run(logs, {})
    assert [(thrown(event)[1], event["tags"]["jobId"]) for event in sentry.events] == [
        ("first", "first"),
        ("second", "second"),
    ]


def test_poison_in_a_stream_is_told_without_what_it_says(sentry: SentryReceiver) -> None:
    event = sample("publish_progress")
    event["Records"][0]["dynamodb"]["NewImage"] = {"PK": {"S": "JOB#x"}, "SK": {"S": "JOB"}}
    run(publish_progress.handler, event)
    assert [event["logentry"]["message"] for event in sentry.events] == ["unreadable record"]


def test_nothing_of_a_run_is_left_to_the_next(sentry: SentryReceiver, job: Job) -> None:
    run(jobs_api.handler, sample("jobs_api"))
    run(jobs_api.handler, http(f"/v1/download/{JOB_ID}", "DELETE"))

    @whole
    def fails(event: dict[str, Any], context: Any) -> dict[str, Any]:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        run(fails, {})
    (event,) = sentry.events
    assert set(event["tags"]) == {"function", "download_type"}
    assert event["tags"]["download_type"] == "async"
    assert "user" not in event
    assert "download_job" not in event["contexts"]
    assert event["breadcrumbs"]["values"] == []


def test_a_run_that_was_killed_leaves_nothing_either(sentry: SentryReceiver, job: Job) -> None:
    faults.begin(wiring.settings(FaultSettings))
    faults.about(Run(job=job, owner="user:alice"))
    run(jobs_api.handler, forced())
    (event,) = sentry.events
    assert "jobId" not in event["tags"]
    assert "user" not in event


def test_secrets_of_messages_frames_and_lines_stay_here(sentry: SentryReceiver) -> None:
    url = (
        "https://bucket.s3.amazonaws.com/downloads/70000.zip?X-Amz-Signature=0a1b2c&X-Amz-Security-Token=IQoJ"
    )

    @whole
    def fails(event: dict[str, Any], context: Any) -> dict[str, Any]:
        token = event["headers"]["authorization"]
        logger().info("got", extra={"url": url, "headers": {"Authorization": token}})
        raise RuntimeError(f"no answer from {url} for user:alice@example.com with {token}")

    with pytest.raises(RuntimeError):
        run(fails, {"headers": {"authorization": "Bearer of-news"}})
    (event,) = sentry.events
    text = json.dumps(event)
    assert "https://bucket.s3.amazonaws.com/downloads/70000.zip?[scrubbed]" in text
    for secret in ("0a1b2c", "IQoJ", "alice", "of-news"):
        assert secret not in text
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames
    assert not any("vars" in frame for frame in frames)


def test_performance_is_told_of_the_runs_that_are_sampled(
    sentry: SentryReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTRY_SAMPLE_RATE", "1")
    run(jobs_api.handler, http("/health"))

    @whole
    def fails(event: dict[str, Any], context: Any) -> dict[str, Any]:
        faults.about(Run(endpoint="/v1/download/status/{jobId}"))
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        run(fails, {})
    first, second = sentry.transactions
    assert (first["transaction"], first["tags"]["function"]) == ("/health", "jobs_api")
    assert second["transaction"] == "/v1/download/status/{jobId}"
    assert second["contexts"]["trace"]["status"] == "internal_error"
    assert sentry.events[0]["transaction"] == second["transaction"]


def test_a_sentry_that_hangs_costs_two_seconds_a_minute_and_no_answer(stuck_sentry: None) -> None:
    began = time.monotonic()
    answer = run(jobs_api.handler, forced())
    first = time.monotonic() - began
    again = [run(jobs_api.handler, forced())["statusCode"] for _ in range(5)]
    rest = time.monotonic() - began - first
    assert (answer["statusCode"], again) == (500, [500] * 5)
    assert 2 <= first < 10
    # Five more that waited would take ten.
    assert rest < 8


def test_a_sentry_that_is_not_there_changes_no_answer(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Port 9 (discard) answers nobody.
    monkeypatch.setenv("SENTRY_DSN", "http://key@127.0.0.1:9/42")
    assert run(jobs_api.handler, forced())["statusCode"] == 500
    assert run(jobs_api.handler, http("/health"))["statusCode"] == 200
    forget()


def test_a_wrong_dsn_is_said_once_and_refuses_no_work(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("SENTRY_DSN", "sentry.example.com")
    answers = [run(jobs_api.handler, http("/health"))["statusCode"] for _ in range(3)]
    assert answers == [200] * 3
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == [
        "faults are not told to Sentry"
    ]
    forget()


def test_a_sentry_that_takes_nothing_is_told_of_in_the_log_once(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, logged: StringIO
) -> None:
    monkeypatch.setenv("SENTRY_DSN", "http://key@127.0.0.1:9/42")
    for _ in range(3):
        assert run(jobs_api.handler, forced())["statusCode"] == 500
    said = [line for line in lines(logged) if line["message"].startswith("Sentry was not told")]
    assert [line["level"] for line in said] == ["WARNING"]
    forget()
