"""process_file on moto, with its sample events: what is recorded, and what goes back to the queue."""

from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

import process_file
from downloads import clients, wiring
from downloads.aws import recent
from downloads.file import Delivery, ErrorCode, FailedFile, FileTask, PreparedFile, Priority
from downloads.model import Job, JobStatus
from downloads.usecases.attempt import Outcome
from tests.integration.conftest import IDS, JOB_ID, context, lines, sample


def kept(answer: dict[str, Any]) -> list[str]:
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def deliver(aws: SimpleNamespace, event: dict[str, Any], attempt: int = 1) -> list[str]:
    """Puts the event's messages into the queue and takes them out, so that their receipts are real."""
    for record in event["Records"]:
        aws.sqs.send_message(QueueUrl=aws.urls["high"], MessageBody=record["body"])
        message = aws.sqs.receive_message(QueueUrl=aws.urls["high"])["Messages"][0]
        record["receiptHandle"] = message["ReceiptHandle"]
        record["attributes"]["ApproximateReceiveCount"] = str(attempt)
    return kept(process_file.handler(event, context()))


def test_the_sample_batch_is_recorded_and_ends_the_job(aws: SimpleNamespace, job: Job) -> None:
    assert deliver(aws, sample("process_file")) == []
    after = aws.jobs.get(JOB_ID)
    assert (after.status, after.completed, after.failed) == (JobStatus.COMPLETED, 2, 1)
    # Queued, processing, completed: each change is one version.
    assert after.version == 3
    results = aws.jobs.results(job, IDS[0], IDS[-1])
    first = results[70000]
    assert isinstance(first, PreparedFile)
    assert (first.stored.key, first.stored.size) == ("downloads/70000.zip", 5)
    assert results[70014] == FailedFile(70014, ErrorCode.NOT_FOUND)


def test_the_same_message_five_times_counts_once(aws: SimpleNamespace, job: Job) -> None:
    event = sample("process_file")
    event["Records"] = event["Records"][:1]
    for _ in range(5):
        assert deliver(aws, event) == []
    after = aws.jobs.get(JOB_ID)
    assert (after.completed, after.failed, after.remaining) == (1, 0, 2)


def test_the_same_message_twice_in_one_batch_counts_once(aws: SimpleNamespace, job: Job) -> None:
    event = sample("process_file")
    event["Records"] = event["Records"][:1] * 2
    assert deliver(aws, event) == []
    assert aws.jobs.get(JOB_ID).completed == 1


def test_a_poison_message_costs_itself_alone(aws: SimpleNamespace, job: Job) -> None:
    event = sample("process_file.poison")
    assert kept(process_file.handler(event, context())) == [event["Records"][1]["messageId"]]
    assert aws.jobs.get(JOB_ID).completed == 1


def test_nothing_is_prepared_after_a_cancel(aws: SimpleNamespace, job: Job) -> None:
    cancelled = aws.jobs.cancel(JOB_ID, job.owner, job.created_at)
    assert deliver(aws, sample("process_file")) == []
    assert aws.jobs.get(JOB_ID) == cancelled
    assert aws.jobs.results(job, IDS[0], IDS[-1]) == {}


def batches_of_one() -> list[dict[str, Any]]:
    event = sample("process_file")
    return [event | {"Records": [record]} for record in event["Records"]]


@pytest.fixture
def long_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the job had thousands of files left."""
    monkeypatch.setattr(recent, "FASTEST", 1)


def test_batches_within_a_second_read_their_job_once(
    aws: SimpleNamespace, job: Job, long_memory: None
) -> None:
    begins, second, _ = batches_of_one()
    reads: list[str] = []
    clients.dynamodb_client().meta.events.register(
        "before-call.dynamodb.Query", lambda **_: reads.append("a")
    )
    for event in (begins, second, second, begins, second):
        assert deliver(aws, event) == []
    # The first finds a queued job, which is not remembered.
    assert len(reads) == 2
    assert aws.jobs.get(JOB_ID).completed == 2


def test_the_worker_of_the_last_of_many_batches_writes_the_end(aws: SimpleNamespace, job: Job) -> None:
    for event in batches_of_one():
        assert deliver(aws, event) == []
    key = {"PK": {"S": f"JOB#{JOB_ID}"}, "SK": {"S": "JOB"}}
    item = aws.dynamodb.get_item(TableName="downloads", Key=key)["Item"]
    assert (item["status"]["S"], item["completed"]["N"], item["failed"]["N"]) == ("completed", "2", "1")


def test_what_a_worker_remembers_of_a_cancelled_job_records_nothing(
    aws: SimpleNamespace, job: Job, long_memory: None
) -> None:
    first, second, third = batches_of_one()
    deliver(aws, first)
    deliver(aws, second)
    cancelled = aws.jobs.cancel(JOB_ID, job.owner, job.created_at)
    assert deliver(aws, third) == []
    assert aws.jobs.get(JOB_ID) == cancelled
    assert cancelled.completed == len(aws.jobs.results(job, IDS[0], IDS[-1])) == 2


def test_messages_of_an_unknown_job_are_dropped(aws: SimpleNamespace) -> None:
    assert deliver(aws, sample("process_file")) == []


@pytest.fixture
def dead_store(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    # Port 9 (discard) answers nobody: the store is down.
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    wiring.settings.cache_clear()


def test_a_store_that_is_down_means_another_attempt(aws: SimpleNamespace, job: Job, dead_store: None) -> None:
    event = sample("process_file")
    everything = [record["messageId"] for record in event["Records"]]
    assert deliver(aws, event, attempt=4) == everything
    assert (aws.jobs.get(JOB_ID).status, aws.jobs.get(JOB_ID).remaining) == (JobStatus.PROCESSING, 3)


def test_the_last_attempt_fails_the_file_and_sends_it_to_the_dead_letters(
    aws: SimpleNamespace, job: Job, dead_store: None
) -> None:
    event = sample("process_file")
    event["Records"] = event["Records"][:1]
    assert deliver(aws, event, attempt=5) == [event["Records"][0]["messageId"]]
    assert aws.jobs.results(job, 70000, 70000) == {70000: FailedFile(70000, ErrorCode.STORAGE_UNAVAILABLE)}


def test_what_was_called_off_is_no_attempt_to_be_told_of(logged: StringIO) -> None:
    task = FileTask(JOB_ID, 70000, 1, Delivery(Priority.NORMAL, "m", "r", 1), None)
    process_file._note(Outcome(task, None, called_off=True))
    assert lines(logged) == []
    process_file._note(Outcome(task, None, reason=ErrorCode.TIMEOUT))
    assert [line["outcome"] for line in lines(logged)] == ["again"]
