"""The operators' commands on what the service's own adapters write: keys, shapes and words are the same."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from delineate.operator.cloud import find
from delineate.operator.items import who
from delineate.operator.look import Observer
from delineate.operator.scene import Watcher
from delineate.operator.story import Question, told
from delineate.operator.summary import summed_up
from downloads.aws import spread
from downloads.model import Job
from downloads.notice import Attempt, Outcome
from tests.conftest import a_job, failed, ready
from tests.integration.conftest import JOB_ID
from tests.operator_fakes import FakeAws

STACK, GROUP = "downloads-test", "/logs/process_file"


class Cloud(FakeAws):
    """moto's table, queues and logs, found by the outputs of a stack that moto has none of."""

    def __init__(self, aws: SimpleNamespace) -> None:
        super().__init__()
        self._services = {"dynamodb": aws.dynamodb, "sqs": aws.sqs, "logs": boto3.client("logs")}
        self._urls = aws.urls

    def __call__(self, service: str) -> Any:
        return self._services.get(service, self)

    def describe_stacks(self, **asked: Any) -> dict[str, Any]:
        queues = {f"{name.capitalize()}QueueUrl": url for name, url in self._urls.items()}
        outputs = {"TableName": "downloads", "ProcessFileName": "process_file", **queues}
        return {"Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in outputs.items()]}]}


@pytest.fixture
def cloud(aws: SimpleNamespace) -> Cloud:
    return Cloud(aws)


def watcher(cloud: Cloud) -> Watcher:
    return Watcher(STACK, Observer(find(STACK, cloud), cloud))


def test_top_follows_a_job_from_its_index_to_its_end(aws: SimpleNamespace, cloud: Cloud, job: Job) -> None:
    screen = watcher(cloud)
    scene = screen.next()
    assert [(one.job_id, one.total, one.who) for one in scene.slowest] == [(JOB_ID, 3, who(job.owner))]
    aws.jobs.record(job, [ready(70000), ready(70007)], datetime.now(UTC))
    # As publish_progress does: the index has what is written down of a job.
    aws.jobs.settle(JOB_ID)
    scene = screen.next()
    assert [(one.completed, one.status) for one in scene.slowest] == [(2, "processing")]
    aws.jobs.record(aws.jobs.get(JOB_ID), [failed(70014)], datetime.now(UTC))
    scene = screen.next()
    assert (scene.slowest, scene.ended) == ([], {"completed": 1})
    assert scene.rates
    assert scene.rates.files == 3


def test_top_counts_the_letters(aws: SimpleNamespace, cloud: Cloud) -> None:
    aws.sqs.send_message(QueueUrl=aws.urls["parked"], MessageBody="{}")
    aws.sqs.send_message(QueueUrl=aws.urls["normal"], MessageBody="{}", DelaySeconds=900)
    scene = watcher(cloud).next()
    assert scene.look.queues
    assert (scene.look.queues["parked"].waiting, scene.look.queues["normal"].delayed) == (1, 1)
    told = [one.line for one in scene.complaints]
    assert len(told) == 1
    assert told[0].startswith("1 letter parked: delineate admin redrive --stack downloads-test;")


def log(cloud: Cloud, at: datetime, **fields: object) -> None:
    client = cloud("logs")
    event = {"timestamp": round(at.timestamp() * 1000), "message": json.dumps(fields)}
    client.put_log_events(logGroupName=GROUP, logStreamName="run", logEvents=[event])


@pytest.fixture
def logs(cloud: Cloud) -> Cloud:
    cloud("logs").create_log_group(logGroupName=GROUP)
    cloud("logs").create_log_stream(logGroupName=GROUP, logStreamName="run")
    return cloud


def test_a_job_is_told_from_its_items(aws: SimpleNamespace, logs: Cloud, job: Job) -> None:
    now = datetime.now(UTC)
    aws.jobs.record(job, [ready(70000), ready(70007), failed(70014)], now)
    attempt = Attempt(JOB_ID, 2, 1, now, owner=job.owner)
    assert aws.deliveries.begin(attempt)
    aws.deliveries.end(attempt.answered(200, now + timedelta(milliseconds=30), None))
    story = told(Question(STACK, JOB_ID), logs)
    assert [(event.text, event.file_id, event.reason) for event in story.events] == [
        ("accepted: 3 files, priority normal", None, None),
        ("queued → processing", None, None),
        ("file ready, 42 B", 70000, None),
        ("file ready, 42 B", 70007, None),
        ("file failed", 70014, "NOT_FOUND"),
        ("completed: 2 of 3 files ready, 1 failed", None, None),
        ("webhook attempt 1 delivered, status 200, 30 ms", None, None),
    ]
    assert summed_up(story).reasons == {"NOT_FOUND": 1}
    # What an attempt's outcomes are called is the service's word, which advice goes by.
    assert {"failed", "started", "stopped", "exhausted", "delivered"} == set(Outcome)


def test_a_job_is_told_with_what_is_counted_beside_its_item(
    aws: SimpleNamespace, logs: Cloud, job: Job
) -> None:
    """As long as nobody has settled it; what an earlier round counted is in the item."""
    now = datetime.now(UTC)

    def shown() -> tuple[object, ...]:
        found = told(Question(STACK, JOB_ID), logs).record.job
        assert found
        return found.status, found.completed, found.failed, found.version

    aws.jobs.record(job, [ready(70000)], now)
    aws.jobs.record(job, [failed(70007)], now)
    as_read = aws.jobs.get(JOB_ID)
    assert shown() == ("processing", 1, 1, as_read.version)
    aws.jobs.record(job, [failed(70014)], now)
    ended = aws.jobs.get(JOB_ID)
    assert shown() == ("processing", 1, 2, ended.version)
    aws.jobs.settle(JOB_ID)
    assert shown() == ("completed", 1, 2, ended.version)
    aws.jobs.swap(ended, again := ended.reopened(now, now, now))
    aws.jobs.record(again, [ready(70007)], now)
    assert shown() == ("processing", 2, 0, aws.jobs.get(JOB_ID).version)


def test_a_job_of_more_partitions_than_usual_is_told_whole(
    aws: SimpleNamespace, logs: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spread, "FILES_A_PARTITION", 1)
    monkeypatch.setattr(spread, "MOST_PARTITIONS", 20)
    now, ids = datetime.now(UTC), list(range(70000, 70020))
    job = a_job(total=20, job_id=JOB_ID, created_at=now, expires_at=now + timedelta(days=1))
    aws.jobs.create(job, ids)
    aws.jobs.record(job, [ready(one) for one in ids], now)
    assert [one.file_id for one in told(Question(STACK, JOB_ID), logs).record.results] == ids


def test_a_job_is_told_from_its_log_lines(logs: Cloud, job: Job) -> None:
    at = job.created_at + timedelta(milliseconds=10)
    log(logs, at, message="file", jobId=JOB_ID, fileId=70000, attempt=1, outcome="again", code="TIMEOUT")
    log(logs, at, message="file", jobId="another", fileId=70000, attempt=1, outcome="again", code="TIMEOUT")
    story = told(Question(STACK, JOB_ID), logs)
    assert [(event.text, event.attempt) for event in story.events] == [
        ("accepted: 3 files, priority normal", None),
        ("file not ready, to be tried again", 1),
    ]
    assert story.notes == ()
