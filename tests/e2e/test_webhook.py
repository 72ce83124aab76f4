"""Webhooks of the deployed stack, taken by the very receiver of template-samples/."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from infra_cdk.local import webhook_secret
from tests.e2e.conftest import PATIENCE_S, Service, until
from tests.receivers import Receiver, status

SAMPLE = Path(__file__).parents[2] / "template-samples" / "webhook-receiver" / "receiver.py"


class Sample:
    """The receiver as a program of its own: ``url`` to call, and the notices that it printed."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._output = process.stdout
        threading.Thread(target=self._read, daemon=True).start()
        self.url = self._next().rsplit(" ", 1)[-1]

    def notice(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._next())
        return told

    @property
    def quiet(self) -> bool:
        return self._lines.empty()

    def _next(self) -> str:
        return self._lines.get(timeout=PATIENCE_S).strip()

    def _read(self) -> None:
        for line in self._output or ():
            self._lines.put(line)


@pytest.fixture
def receiver(service: Service) -> Iterator[Sample]:
    environment = {**os.environ, "WEBHOOK_SECRET": webhook_secret(service.cloud)}
    command = [sys.executable, str(SAMPLE), "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield Sample(process)
        process.terminate()


def deliveries(service: Service, job_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.http.get(f"/v1/download/{job_id}/deliveries").json()["deliveries"]
    return found


def test_the_end_of_a_job_is_told_verified_and_logged(service: Service, receiver: Sample) -> None:
    job_id = service.initiate([70000, 70084], callback_url=f"{receiver.url}/hook")
    told = receiver.notice()
    job = service.ended(job_id)
    assert told["type"] == "download.completed"
    assert (told["data"]["jobId"], told["data"]["version"]) == (job_id, job["version"])
    assert told["data"]["progress"] == job["progress"]
    assert told["data"]["failedFiles"] == [{"file_id": 70084, "errorCode": "NOT_FOUND"}]
    assert "http" not in json.dumps(told)
    (entry,) = until(lambda: deliveries(service, job_id), lambda log: log and log[0]["outcome"] != "started")
    assert (entry["outcome"], entry["statusCode"], entry["attempt"]) == ("delivered", 204, 1)
    assert entry["webhookId"] == f"msg_{job_id}_{job['version']}"


def test_a_retry_and_a_cancel_are_told_as_ends_of_their_own(service: Service, receiver: Sample) -> None:
    job_id = service.initiate([70084], callback_url=receiver.url)
    first = receiver.notice()
    assert first["type"] == "download.failed"
    until(lambda: service.http.post(f"/v1/download/{job_id}/retry").status_code, lambda code: code == 202)
    second = receiver.notice()
    assert second["data"]["version"] > first["data"]["version"]
    assert receiver.quiet


def test_a_failing_receiver_is_tried_again_after_some_seconds(service: Service) -> None:
    with Receiver(status(500)) as failing:
        job_id = service.initiate([70000], callback_url=failing.url)
        until(lambda: len(failing.requests), lambda count: count == 2)
    first, second = deliveries(service, job_id)[:2]
    assert (first["outcome"], first["statusCode"], first["attempt"]) == ("failed", 500, 1)
    assert second["attempt"] == 2
    assert second["at"] >= first["nextAttemptAt"]
    ids = {request.lower().split(b"webhook-id: ")[1].split(b"\r\n")[0] for request in failing.requests}
    assert ids == {first["webhookId"].encode()}


def test_a_cancelled_job_is_told(service: Service, receiver: Sample) -> None:
    job_id = service.initiate(list(range(60_000, 61_000)), callback_url=receiver.url)
    assert service.http.delete(f"/v1/download/{job_id}").status_code == 200
    assert receiver.notice()["type"] == "download.cancelled"
    assert service.status(job_id, limit=0)["status"] == "cancelled"
