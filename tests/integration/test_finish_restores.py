"""Archived files on moto: process_file has them restored, finish_restores sends them again when S3 tells."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

import finish_restores
import process_file
from downloads import wiring
from downloads.aws import items
from downloads.cold import RestoreRule, Tier
from downloads.file import ErrorCode, FailedFile, PreparedFile, RestoringFile
from downloads.model import Job, JobStatus
from tests.conftest import ready
from tests.integration.conftest import IDS, JOB_ID, context, sample
from tests.integration.test_jobs_api import body_of, call
from tests.integration.test_repair import messages

KEY = "downloads/70000.zip"


@pytest.fixture
def archived(aws: SimpleNamespace, job: Job, monkeypatch: pytest.MonkeyPatch) -> Job:
    """The samples' job, whose first file is archived."""
    aws.s3.put_object(Bucket="downloads", Key=KEY, Body=b"first", StorageClass="DEEP_ARCHIVE")
    monkeypatch.setenv("RESTORE_TIER", "Standard")
    wiring.settings.cache_clear()
    return job


def process() -> None:
    assert process_file.handler(sample("process_file"), context()) == {"batchItemFailures": []}


def finish(event: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = finish_restores.handler(event, context())
    return answer


def test_a_job_of_mixed_storage_classes_ends_by_the_event(aws: SimpleNamespace, archived: Job) -> None:
    process()
    waiting = aws.jobs.get(JOB_ID)
    assert (waiting.status, waiting.remaining) == (JobStatus.PROCESSING, 1)
    assert isinstance(aws.jobs.standings(waiting, *IDS[::2])[70000], RestoringFile)
    # What a look asks for, it has: moto restores at the next look but one.
    aws.s3.head_object(Bucket="downloads", Key=KEY)
    assert finish(sample("finish_restores")) == {"batchItemFailures": []}
    assert messages(aws, "normal") == [{"jobId": JOB_ID, "fileId": 70000, "round": 1}]
    process()
    ended = aws.jobs.get(JOB_ID)
    assert (ended.status, ended.completed, ended.failed) == (JobStatus.COMPLETED, 2, 1)
    result = aws.jobs.results(ended, 70000, 70000)[70000]
    assert isinstance(result, PreparedFile)
    assert result.stored.copy_until is not None
    assert finish(sample("finish_restores")) == {"batchItemFailures": []}
    assert messages(aws, "normal") == []


def test_its_status_says_what_it_waits_for(aws: SimpleNamespace, archived: Job) -> None:
    process()
    status = body_of(call(f"/v1/download/status/{JOB_ID}"))
    (file,) = (each for each in status["files"] if each["file_id"] == 70000)
    assert (file["status"], file["code"]) == ("processing", "RESTORING")
    assert file["estimatedReadyAt"] == status["estimatedCompletionAt"]
    rows = call(f"/v1/download/{JOB_ID}", format="csv")["body"]
    assert "70000,processing,70000.zip" in rows


@pytest.mark.parametrize("limit", ["0", "1000"])
def test_the_estimate_waits_for_no_restore_that_is_over(
    aws: SimpleNamespace, archived: Job, limit: str
) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    first, second = now + timedelta(hours=5), now + timedelta(hours=3)
    begun = aws.jobs.begin(archived, now)
    aws.jobs.wait(begun, [RestoringFile(70000, first), RestoringFile(70007, second)], RestoreRule(), now)
    assert expected_end(limit) == first
    aws.jobs.record(aws.jobs.get(JOB_ID), [ready(70000)], now)
    assert expected_end(limit) == second


def expected_end(limit: str) -> datetime:
    status = body_of(call(f"/v1/download/status/{JOB_ID}", limit=limit))
    return datetime.fromisoformat(status["estimatedCompletionAt"])


def test_where_nothing_is_restored_the_file_fails(
    aws: SimpleNamespace, archived: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESTORE_TIER", "none")
    wiring.settings.cache_clear()
    process()
    result = aws.jobs.results(archived, 70000, 70000)[70000]
    assert result == FailedFile(70000, ErrorCode.ARCHIVED)
    assert "Restore" not in aws.s3.head_object(Bucket="downloads", Key=KEY)


def test_a_look_at_the_store_tells_that_it_is_archived(aws: SimpleNamespace, archived: Job) -> None:
    checked = body_of(call("/v1/download/check", "POST", {"file_id": 70000}))
    assert checked == {"file_id": 70000, "available": False, "s3Key": KEY, "size": 5}
    started = body_of(call("/v1/download/start", "POST", {"file_id": 70000}))
    assert (started["status"], "archived" in started["message"]) == ("failed", True)


@pytest.mark.parametrize(
    "body", ["poison", "{}", json.dumps({"detail": {"object": {"key": "another/70000.zip"}}})]
)
def test_what_is_no_event_of_ours_is_let_go(aws: SimpleNamespace, archived: Job, body: str) -> None:
    process()
    event = sample("finish_restores")
    event["Records"][0]["body"] = body
    assert finish(event) == {"batchItemFailures": []}
    assert messages(aws, "normal") == []


def test_a_job_of_another_version_buries_no_restore(aws: SimpleNamespace, archived: Job) -> None:
    process()
    other = replace(archived, job_id=str(uuid4()))
    aws.jobs.create(other, IDS)
    waiting, now = RestoringFile(70000, other.created_at), datetime.now(UTC)
    aws.jobs.wait(aws.jobs.begin(other, now), [waiting], RestoreRule(Tier.STANDARD), now)
    key = items.job_key(other.job_id)
    aws.dynamodb.update_item(
        TableName="downloads",
        Key=key,
        UpdateExpression="SET #status = :unknown",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":unknown": {"S": "melted"}},
    )
    assert finish(sample("finish_restores")) == {"batchItemFailures": []}
    assert messages(aws, "normal") == [{"jobId": JOB_ID, "fileId": 70000, "round": 1}]


def test_an_event_that_the_table_cannot_answer_now_comes_again(
    aws: SimpleNamespace, archived: Job, table_away: None
) -> None:
    event = sample("finish_restores")
    kept = [{"itemIdentifier": event["Records"][0]["messageId"]}]
    assert finish(event) == {"batchItemFailures": kept}
