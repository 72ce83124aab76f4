"""The Queue port on SQS: every message arrives, and what is refused is named."""

import json
from dataclasses import replace
from typing import Any

import pytest

from downloads.aws.sqs import SqsQueue
from downloads.errors import DependencyDownError, StateUnavailableError
from downloads.estimate import Delay
from downloads.file import Delivery, Priority
from tests.conftest import a_job
from tests.contract.conftest import CLOUDS, a_name, cloud_of
from tests.fakes import FakeQueue

JOB = a_job()


@pytest.fixture(params=CLOUDS)
def sqs(request: pytest.FixtureRequest) -> Any:
    return cloud_of(request)("sqs")


@pytest.fixture
def urls(sqs: Any) -> dict[Priority, str]:
    return {lane: sqs.create_queue(QueueName=a_name())["QueueUrl"] for lane in Priority}


def drain(sqs: Any, url: str) -> list[dict[str, Any]]:
    taken: list[dict[str, Any]] = []
    while batch := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        taken += [json.loads(message["Body"]) for message in batch]
    return taken


def delayed(sqs: Any, url: str) -> int:
    name = "ApproximateNumberOfMessagesDelayed"
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])


@pytest.mark.parametrize("count", [0, 1, 10, 11, 95])
def test_one_message_a_file_in_the_lane_of_the_job(sqs: Any, urls: dict[Priority, str], count: int) -> None:
    ids = list(range(10_000, 10_000 + count))
    assert list(SqsQueue(sqs, urls).send(replace(JOB, priority=Priority.HIGH), ids)) == []
    taken = drain(sqs, urls[Priority.HIGH])
    assert sorted(message["fileId"] for message in taken) == ids
    assert all((message["jobId"], message["round"]) == (JOB.job_id, 1) for message in taken)
    assert drain(sqs, urls[Priority.NORMAL]) == []


def test_a_simulated_delay_is_a_delay_of_the_message(sqs: Any, urls: dict[Priority, str]) -> None:
    SqsQueue(sqs, urls, Delay(10_000, 120_000)).send(JOB, [10_000, 10_001])
    assert drain(sqs, urls[Priority.NORMAL]) == []
    assert delayed(sqs, urls[Priority.NORMAL]) == 2


def test_what_cannot_be_sent_is_named(sqs: Any, urls: dict[Priority, str]) -> None:
    queue = SqsQueue(sqs, urls)
    sqs.delete_queue(QueueUrl=urls[Priority.NORMAL])
    assert list(queue.send(JOB, [10_000, 10_001])) == [10_000, 10_001]
    assert list(FakeQueue(refused={10_001}).send(JOB, [10_000, 10_001])) == [10_001]


class RefusesOnce:
    """SQS that refuses part of each first batch, as it may: the reply's ``Failed`` names the entries."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs
        self._refused: set[str] = set()

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803 # boto3's names
        new = [entry for entry in Entries[::2] if entry["MessageBody"] not in self._refused]
        self._refused |= {entry["MessageBody"] for entry in new}
        rest = [entry for entry in Entries if entry not in new]
        reply = self._sqs.send_message_batch(QueueUrl=QueueUrl, Entries=rest) if rest else {}
        failed = [{"Id": entry["Id"], "SenderFault": False, "Code": "InternalError"} for entry in new]
        return {**reply, "Failed": failed}


def test_every_refused_entry_is_sent_again(sqs: Any, urls: dict[Priority, str]) -> None:
    flaky: Any = RefusesOnce(sqs)
    assert list(SqsQueue(flaky, urls).send(JOB, list(range(10_000, 10_025)))) == []
    taken = drain(sqs, urls[Priority.NORMAL])
    assert sorted(message["fileId"] for message in taken) == list(range(10_000, 10_025))


def test_hide_makes_a_message_come_again_later(sqs: Any, urls: dict[Priority, str]) -> None:
    queue = SqsQueue(sqs, urls)
    queue.send(replace(JOB, priority=Priority.HIGH), [10_000])
    message = sqs.receive_message(QueueUrl=urls[Priority.HIGH])["Messages"][0]
    delivery = Delivery(Priority.HIGH, message["MessageId"], message["ReceiptHandle"], 1)
    assert queue.hide(delivery, 0)
    assert len(drain(sqs, urls[Priority.HIGH])) == 1
    assert not queue.hide(Delivery(Priority.HIGH, "x", "no receipt", 1), 0)


def test_what_is_in_a_lane_is_counted_whether_or_not_it_can_be_seen(
    sqs: Any, urls: dict[Priority, str]
) -> None:
    queue = SqsQueue(sqs, urls)
    queue.send(JOB, [10_000, 10_001])
    sqs.receive_message(QueueUrl=urls[Priority.NORMAL], MaxNumberOfMessages=1)
    SqsQueue(sqs, urls, Delay(10_000, 10_000)).send(JOB, [10_002])
    assert (queue.waiting(Priority.NORMAL), queue.waiting(Priority.HIGH)) == (3, 0)
    sqs.delete_queue(QueueUrl=urls[Priority.HIGH])
    with pytest.raises(StateUnavailableError):
        queue.waiting(Priority.HIGH)


def test_ping_needs_every_lane(sqs: Any, urls: dict[Priority, str]) -> None:
    queue = SqsQueue(sqs, urls)
    queue.ping()
    sqs.delete_queue(QueueUrl=urls[Priority.HIGH])
    with pytest.raises(DependencyDownError):
        queue.ping()
