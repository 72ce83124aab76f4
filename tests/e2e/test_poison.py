"""Poison among a real job's messages: the job ends as it would, each poison message is one parked letter."""

import json
from typing import Any
from uuid import uuid4

import pytest

from infra_cdk import samples
from tests.e2e.conftest import Service, until


class Queues:
    """The deployed queues, by a part of their names."""

    def __init__(self, service: Service) -> None:
        self._sqs = service.cloud.client("sqs")
        self._urls: list[str] = self._sqs.list_queues()["QueueUrls"]

    def send(self, name: str, bodies: list[str]) -> None:
        for body in bodies:
            self._sqs.send_message(QueueUrl=self._url(name), MessageBody=body)

    def held(self, name: str) -> int:
        """Messages in the queue, those in flight included."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._url(name), AttributeNames=names)
        return sum(int(number) for number in found["Attributes"].values())

    def take_all(self, name: str) -> list[str]:
        """Takes and deletes whatever is visible."""
        url, taken = self._url(name), []
        while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                taken.append(message["Body"])
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def _url(self, name: str) -> str:
        (url,) = (url for url in self._urls if name in url)
        return url


@pytest.fixture
def queues(service: Service) -> Queues:
    found = Queues(service)
    found.take_all("parked")
    return found


def poison(job_id: str) -> list[str]:
    """No JSON, no message, one field wrong, and a file that exists but is none of the job's."""
    good: dict[str, Any] = {"jobId": job_id, "fileId": 70000, "round": 1}
    spoilt: list[dict[str, Any]] = [
        {"jobId": "x"},
        {"fileId": "70000"},
        {"fileId": -1},
        {"fileId": 10**1_100},
        {"fileId": samples.MISSING},
        {"fileId": 70007},
        {"round": 0},
        {"more": 1},
    ]
    return ["poison", "[" * 5_000, "null", "x" * 200_000, *(json.dumps(good | change) for change in spoilt)]


def test_poison_costs_one_dead_letter_each_and_the_job_nothing(service: Service, queues: Queues) -> None:
    ids = list(range(50_000, 50_040))
    job_id = service.initiate([70000, *ids])
    bodies = poison(job_id)
    queues.send("normal", bodies)
    second = service.initiate([70000, *ids])
    # Of a job that nobody knows, as of one long gone: nothing to do, and no dead letter.
    queues.send("normal", [json.dumps({"jobId": str(uuid4()), "fileId": 70000, "round": 1})])
    for job in (job_id, second):
        ended = service.ended(job)
        assert ended["status"] == "completed"
        assert ended["progress"] == {"completed": 1, "failed": 40, "total": 41, "percentage": 100}
        assert {file["errorCode"] for file in ended["files"] if file["status"] == "failed"} == {"NOT_FOUND"}
    until(lambda: queues.held("parked"), lambda held: held >= len(bodies))
    until(lambda: queues.held("normal") + queues.held("deadletters"), lambda held: held == 0)
    assert sorted(queues.take_all("parked")) == sorted(bodies)
