"""sweep_jobs, bury_file, redrive_files on moto: what got stuck ends, what died goes round again."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import bury_file
import redrive_files
import sweep_jobs
from downloads.file import ErrorCode, FailedFile
from downloads.model import Job, JobStatus
from tests.conftest import a_job, failed, ready
from tests.integration.conftest import IDS, JOB_ID, context, sample


def messages(aws: SimpleNamespace, queue: str) -> list[dict[str, Any]]:
    got = aws.sqs.receive_message(QueueUrl=aws.urls[queue], MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in got]


def stuck(aws: SimpleNamespace, **changes: object) -> Job:
    """The samples' job as it is ten minutes after it was accepted, its messages lost."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
    times: dict[str, object] = {
        "created_at": began,
        "check_at": began + timedelta(minutes=2),
        "deadline_at": began + timedelta(hours=1),
        "expires_at": began + timedelta(days=1),
    }
    job = a_job(total=3, job_id=JOB_ID, **(times | changes))
    aws.jobs.create(job, IDS)
    return job


def test_lost_messages_are_sent_again_for_files_without_a_result(aws: SimpleNamespace) -> None:
    job = stuck(aws, seen_version=2)
    aws.jobs.record(job, [ready(70000)], datetime.now(UTC))
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {"sent_again": 1}
    assert sorted(message["fileId"] for message in messages(aws, "normal")) == [70007, 70014]
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {}


def test_a_job_that_moves_is_let_be(aws: SimpleNamespace) -> None:
    job = stuck(aws)
    aws.jobs.record(job, [ready(70000)], datetime.now(UTC))
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {"nothing": 1}
    assert messages(aws, "normal") == []


def test_past_its_deadline_a_job_fails_its_open_files(aws: SimpleNamespace) -> None:
    job = stuck(aws, deadline_at=datetime.now(UTC) - timedelta(seconds=1))
    aws.jobs.record(job, [ready(70000)], datetime.now(UTC))
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {"deadline": 1}
    after = aws.jobs.get(JOB_ID)
    assert (after.status, after.completed, after.failed) == (JobStatus.COMPLETED, 1, 2)
    assert aws.jobs.results(after, 70014, 70014)[70014] == FailedFile(70014, ErrorCode.DEADLINE_EXCEEDED)


def test_a_job_whose_files_are_all_in_is_closed(aws: SimpleNamespace) -> None:
    job = stuck(aws)
    aws.jobs.record(job, [ready(70000), ready(70007), failed(70014)], datetime.now(UTC))
    # As if the status had never been written: the results alone say that it is over.
    aws.jobs.swap(aws.jobs.get(JOB_ID), job)
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {"closed": 1}
    after = aws.jobs.get(JOB_ID)
    assert (after.status, after.completed, after.failed) == (JobStatus.COMPLETED, 2, 1)


def test_a_run_that_has_no_time_left_leaves_the_rest_for_the_next(aws: SimpleNamespace) -> None:
    stuck(aws)
    late = context()
    late.get_remaining_time_in_millis = lambda: 5_000
    assert sweep_jobs.handler(sample("sweep_jobs"), late) == {}
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {"sent_again": 1}


def test_a_dead_letter_fails_its_file_and_is_parked(aws: SimpleNamespace, job: Job) -> None:
    assert bury_file.handler(sample("bury_file"), context()) == {"batchItemFailures": []}
    assert aws.jobs.results(job, 70000, 70000) == {70000: FailedFile(70000, ErrorCode.ATTEMPTS_EXHAUSTED)}
    parked = aws.sqs.receive_message(QueueUrl=aws.urls["parked"], MaxNumberOfMessages=10)["Messages"]
    assert len(parked) == 2
    assert "not a message" in {message["Body"] for message in parked}


def test_a_letter_that_cannot_be_parked_comes_again(aws: SimpleNamespace, job: Job) -> None:
    aws.sqs.delete_queue(QueueUrl=aws.urls["parked"])
    event = sample("bury_file")
    again = bury_file.handler(event, context())["batchItemFailures"]
    assert {each["itemIdentifier"] for each in again} == {each["messageId"] for each in event["Records"]}


def test_redrive_retries_the_jobs_of_parked_letters_and_leaves_poison(aws: SimpleNamespace, job: Job) -> None:
    aws.jobs.record(job, [ready(70007), ready(70014)], datetime.now(UTC))
    bury_file.handler(sample("bury_file"), context())
    assert aws.jobs.get(JOB_ID).status is JobStatus.COMPLETED
    assert redrive_files.handler(sample("redrive_files"), context()) == {"retried": 1, "poison": 1}
    after = aws.jobs.get(JOB_ID)
    assert (after.status, after.round, after.remaining) == (JobStatus.PROCESSING, 2, 1)
    assert messages(aws, "normal") == [{"jobId": JOB_ID, "fileId": 70000, "round": 2}]
    # The poison stays, hidden for five minutes so that the next call finds other letters.
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    left = aws.sqs.get_queue_attributes(QueueUrl=aws.urls["parked"], AttributeNames=names)["Attributes"]
    assert left == dict(zip(names, ["0", "1"], strict=True))


def test_a_letter_about_no_file_of_its_job_retries_nothing(aws: SimpleNamespace, job: Job) -> None:
    aws.jobs.record(job, [ready(70000), ready(70007), failed(70014)], datetime.now(UTC))
    stranger = json.dumps({"jobId": JOB_ID, "fileId": 70021, "round": 1})
    aws.sqs.send_message(QueueUrl=aws.urls["parked"], MessageBody=stranger)
    assert redrive_files.handler({"most": 10}, context()) == {"poison": 1}
    assert aws.jobs.get(JOB_ID).round == 1


def test_redrive_leaves_parked_what_it_has_no_time_for(aws: SimpleNamespace, job: Job) -> None:
    aws.jobs.record(job, [ready(70007), ready(70014)], datetime.now(UTC))
    bury_file.handler(sample("bury_file"), context())
    late = context()
    late.get_remaining_time_in_millis = lambda: 5_000
    assert redrive_files.handler({"most": 10}, late) == {"stays": 1, "poison": 1}
    assert redrive_files.handler({"most": 10}, context()) == {"retried": 1}


def test_redrive_waits_for_a_job_that_still_goes_on(aws: SimpleNamespace, job: Job) -> None:
    bury_file.handler(sample("bury_file"), context())
    assert redrive_files.handler({"most": 10}, context()) == {"stays": 1, "poison": 1}
