"""Ended jobs on their way into the history, on moto and a real PostgreSQL; and one user forgotten."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from msgspec import ValidationError

import export_history
import forget_user
import publish_progress
from downloads import wiring
from downloads.aws.items import job_key
from downloads.aws.job_items import job_item
from downloads.contracts.history import HistoryMessage
from downloads.model import Job, JobStatus
from tests.conftest import a_job, failed, ready
from tests.integration.conftest import IDS, JOB_ID, context, lines, sample
from tests.postgres import Server, started

pytestmark = pytest.mark.xdist_group("postgres")
ANN = "user:1f0b6c5e-2f0a-4d57-9a63-0a6f5f1c2b7d"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with started() as server:
        server.apply_tables()
        yield server


@pytest.fixture
def history(aws: SimpleNamespace, server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The database as the functions reach it, by the secret; nothing in it is of another test."""
    with server.connect() as connection:
        connection.execute("TRUNCATE download_jobs, download_files, download_forgotten")
    secret = aws.secrets.create_secret(Name="database", SecretString=json.dumps(server.secret))
    monkeypatch.setenv("HISTORY_SECRET_ARN", secret["ARN"])
    aws.urls["ended"] = aws.sqs.create_queue(QueueName="downloads-ended")["QueueUrl"]
    monkeypatch.setenv("HISTORY_QUEUE_URL", aws.urls["ended"])
    return server


def a_done_job(aws: SimpleNamespace, owner: str = ANN, job_id: str = JOB_ID) -> Job:
    """The samples' job, ended today: two files are ready, one is missing."""
    now = datetime.now(UTC).replace(microsecond=0)
    made = a_job(total=3, job_id=job_id, owner=owner, created_at=now, expires_at=now + timedelta(days=1))
    aws.jobs.create(made, IDS)
    aws.jobs.record(made, [ready(70000), ready(70007), failed(70014)], now)
    done: Job = aws.jobs.get(job_id)
    assert done.status is JobStatus.COMPLETED
    return done


def stream_event(before: Job, after: Job) -> dict[str, Any]:
    images = {"Keys": job_key(JOB_ID), "OldImage": job_item(before), "NewImage": job_item(after)}
    return {"Records": [{"eventName": "MODIFY", "dynamodb": {"SequenceNumber": "1", **images}}]}


def message(job: Job, message_id: str = "m-1") -> dict[str, Any]:
    (record,) = sample("export_history")["Records"]
    return record | {
        "messageId": message_id,
        "body": HistoryMessage.of(job).json(),
    }


def exported(*messages: dict[str, Any]) -> list[str]:
    kept = export_history.handler({"Records": list(messages)}, context())["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in kept]


def jobs(history: Server) -> list[tuple[Any, ...]]:
    return history.rows("SELECT job_id::text, status, round, version FROM download_jobs ORDER BY created_at")


def files(history: Server) -> list[tuple[Any, ...]]:
    return history.rows("SELECT file_id, status, error_code FROM download_files ORDER BY job_id, file_id")


THREE = [(70000, "completed", None), (70007, "completed", None), (70014, "failed", "NOT_FOUND")]


def test_the_sample_is_kept_whatever_is_left_of_its_job(history: Server) -> None:
    assert export_history.handler(sample("export_history"), context()) == {"batchItemFailures": []}
    assert jobs(history) == [(JOB_ID, "completed", 1, 4)]
    assert files(history) == []


def test_the_end_of_a_job_is_queued_by_the_stream_and_kept(aws: SimpleNamespace, history: Server) -> None:
    before = a_job(total=3, job_id=JOB_ID, owner=ANN)
    done = a_done_job(aws)
    assert publish_progress.handler(stream_event(before, done), context()) == {"batchItemFailures": []}
    (queued,) = aws.sqs.receive_message(QueueUrl=aws.urls["ended"])["Messages"]
    (record,) = sample("export_history")["Records"]
    assert exported(record | {"body": queued["Body"]}) == []
    assert jobs(history) == [(JOB_ID, "completed", 1, done.version)]
    assert files(history) == THREE


def test_a_message_that_comes_again_changes_nothing(
    aws: SimpleNamespace, history: Server, logged: Any
) -> None:
    done = a_done_job(aws)
    assert exported(message(done), message(done, "m-2"), message(done, "m-3")) == []
    assert (len(jobs(history)), files(history)) == (1, THREE)
    outcomes = [line["outcome"] for line in lines(logged) if line.get("message") == "history"]
    assert outcomes == ["kept", "known", "known"]


def test_an_earlier_end_that_comes_after_a_later_one_changes_nothing(
    aws: SimpleNamespace, history: Server
) -> None:
    first = a_done_job(aws)
    later = replace(first, round=2, version=first.version + 5)
    assert exported(message(later), message(first, "m-2")) == []
    assert jobs(history) == [(JOB_ID, "completed", 2, later.version)]


def test_results_are_found_when_the_job_is_gone(aws: SimpleNamespace, history: Server) -> None:
    done = a_done_job(aws)
    for sort_key in ("JOB", "IDS"):
        aws.dynamodb.delete_item(
            TableName="downloads", Key={"PK": {"S": f"JOB#{JOB_ID}"}, "SK": {"S": sort_key}}
        )
    assert exported(message(done)) == []
    assert files(history) == THREE


def test_while_the_database_is_away_messages_come_again_and_none_is_lost(
    aws: SimpleNamespace, history: Server
) -> None:
    done = a_done_job(aws)
    assert exported(message(replace(done, version=done.version - 1))) == []
    history.stop()
    try:
        assert exported(message(done), message(done, "m-2")) == ["m-1", "m-2"]
    finally:
        history.start()
    assert exported(message(done), message(done, "m-2")) == []
    assert jobs(history) == [(JOB_ID, "completed", 1, done.version)]


def test_what_there_is_no_time_for_comes_again_and_the_rest_does_not(
    aws: SimpleNamespace, history: Server
) -> None:
    jobs_ended = [a_done_job(aws, job_id=str(uuid4())) for _ in range(3)]
    kept = "SELECT count(*) FROM download_jobs"

    def remaining_ms() -> int:
        return 31_000 if history.rows(kept) < [(2,)] else 29_000

    short = SimpleNamespace(**vars(context()) | {"get_remaining_time_in_millis": remaining_ms})
    records = [message(job, job.job_id) for job in jobs_ended]
    again = export_history.handler({"Records": records}, short)["batchItemFailures"]
    assert again == [{"itemIdentifier": jobs_ended[2].job_id}]
    assert {row[0] for row in jobs(history)} == {job.job_id for job in jobs_ended[:2]}


def test_poison_and_a_secret_that_is_none_come_again_and_are_told_without_what_they_hold(
    aws: SimpleNamespace, history: Server, logged: Any
) -> None:
    done = a_done_job(aws)
    poison = message(done) | {"body": '{"jobId": "hidden"}'}
    assert exported(poison) == ["m-1"]
    aws.secrets.put_secret_value(SecretId="database", SecretString='{"password": "hidden"')
    wiring.history.cache_clear()
    assert exported(message(done)) == ["m-1"]
    assert "hidden" not in logged.getvalue()


def test_one_user_is_forgotten_everywhere_and_comes_back_by_no_late_message(
    aws: SimpleNamespace, history: Server, logged: Any
) -> None:
    mine = a_done_job(aws, owner=ANN)
    other = a_done_job(aws, owner="user:ben", job_id=str(uuid4()))
    assert exported(message(mine), message(other, "m-2")) == []
    told = forget_user.handler(sample("forget_user"), context())
    assert (told["jobs"], told["history"], told["done"]) == (1, 1, True)
    assert [row[0] for row in jobs(history)] == [other.job_id]
    assert history.rows("SELECT 1 FROM download_files WHERE owner = %s", ANN) == []
    items = aws.dynamodb.scan(TableName="downloads")["Items"]
    named = {item["PK"]["S"].split("#")[1] for item in items if "closed_at" not in item}
    assert named == {other.job_id}
    assert exported(message(mine)) == []
    assert [row[0] for row in jobs(history)] == [other.job_id]
    assert forget_user.handler(sample("forget_user"), context()) | {"looked_at": 0} == {
        "jobs": 0, "items": 0, "history": 0, "looked_at": 0, "after": None, "done": True,
    }  # fmt: skip
    assert ANN not in logged.getvalue()


def test_nobody_is_forgotten_by_mistake(aws: SimpleNamespace, history: Server) -> None:
    a_done_job(aws)
    for event in ({}, {"owner": ""}, {"owner": "anonymous"}, {"owner": "user:"}, {"user": ANN}):
        with pytest.raises(ValidationError):
            forget_user.handler(event, context())
    assert aws.jobs.get(JOB_ID)
