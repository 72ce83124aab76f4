"""The stack on an emulator of the tests' own, on a port of its own: real HTTP, real WebSockets."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx
import jwt
import pytest
from websockets.sync.client import ClientConnection, connect

from downloads.aws.recording import RecordingDynamoJobs
from downloads.model import Job
from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.ports import free_port
from tests.aws import dynamo_jobs
from tests.conftest import a_job

# One user starts all the jobs of these tests.
UNHINDERED = {"RATE_LIMIT_PER_MINUTE": "6000", "RATE_LIMIT_BURST": "1000", "MAX_OPEN_JOBS": "100"}
# A run of the bundler stops when it has less than 30 s left: after each part.
PART_BY_PART = {"BUNDLE_PART_MB": "5", "BUNDLE_TIMEOUT_SECONDS": "30"}
AT_ONE_ADDRESS = {"DEMO_PAGE": "true", "EDGE": "true"}
TERMINAL = {"completed", "failed", "cancelled"}
PATIENCE_S = 90
Answer = TypeVar("Answer")


@dataclass
class Service:
    """The deployed service as a client sees it, and the cloud behind it for what only a test may do."""

    cloud: LocalCloud
    http: httpx.Client
    token: str

    @property
    def owner(self) -> str:
        """Whose the jobs are that this client starts."""
        return f"user:{jwt.decode(self.token, options={'verify_signature': False})['sub']}"

    @property
    def websocket_url(self) -> str:
        return self.cloud.outputs["WebSocketUrl"]

    def initiate(self, file_ids: list[int], **more: object) -> str:
        reply = self.http.post("/v1/download/initiate", json={"file_ids": file_ids, **more})
        assert reply.status_code == httpx.codes.ACCEPTED, reply.text
        job_id: str = reply.json()["jobId"]
        return job_id

    def status(self, job_id: str, **query: int) -> dict[str, Any]:
        reply = self.http.get(f"/v1/download/status/{job_id}", params=query)
        assert reply.status_code == httpx.codes.OK, reply.text
        body: dict[str, Any] = reply.json()
        return body

    def ended(self, job_id: str) -> dict[str, Any]:
        return until(lambda: self.status(job_id), lambda job: job["status"] in TERMINAL)

    def watch(self, query: str = "") -> ClientConnection:
        headers = {"authorization": f"Bearer {self.token}"}
        url = self.websocket_url + query
        return connect(url, additional_headers=headers, open_timeout=20, close_timeout=2)

    def ticket(self, job_id: str) -> str:
        reply = self.http.post(f"/v1/download/{job_id}/ticket")
        assert reply.status_code == httpx.codes.CREATED, reply.text
        drawn: str = reply.json()["ticket"]
        return drawn


def until(ask: Callable[[], Answer], enough: Callable[[Answer], bool]) -> Answer:
    """Asks until the answer is enough; fails after a generous time, whatever the machine."""
    deadline = time.monotonic() + PATIENCE_S
    while not enough(answer := ask()):
        assert time.monotonic() < deadline, f"still {answer}"
        time.sleep(0.1)
    return answer


def say(socket: ClientConnection, action: str, **fields: str) -> None:
    socket.send(json.dumps({"action": action, **fields}))


def hear(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(socket.recv(timeout=PATIENCE_S))
    return frame


def kill(service: Service, job_id: str) -> None:
    """Ends the job's watchers from the cloud's side, as API Gateway does to a connection two hours old."""
    table = service.cloud.client("dynamodb")
    found = table.query(
        TableName=service.cloud.outputs["TableName"],
        KeyConditionExpression="PK = :watch",
        ExpressionAttributeValues={":watch": {"S": f"WATCH#{job_id}"}},
    )["Items"]
    assert found
    gateway = service.cloud.management()
    for item in found:
        gateway.delete_connection(ConnectionId=item["SK"]["S"].removeprefix("CONN#"))


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with LocalCloud(tmp_path_factory.mktemp("cloud"), free_port()) as cloud:
        cloud.deploy(context=UNHINDERED | PART_BY_PART | AT_ONE_ADDRESS)
        assert cloud.warm() == []
        cloud.seed(for_stage("dev").key_template)
        token = cloud.sign_in("tester")
        headers = {"authorization": f"Bearer {token}"}
        with httpx.Client(base_url=cloud.outputs["ApiUrl"], headers=headers, timeout=120) as http:
            yield Service(cloud, http, token)


@pytest.fixture
def jobs(service: Service) -> RecordingDynamoJobs:
    return dynamo_jobs(service.cloud.client("dynamodb"), service.cloud.outputs["TableName"])


@pytest.fixture
def idle(service: Service, jobs: RecordingDynamoJobs) -> Job:
    """A job that nobody works on, not even the sweeper."""
    return left_alone(jobs, service.owner, [70000, 70007])


def left_alone(jobs: RecordingDynamoJobs, owner: str, file_ids: list[int]) -> Job:
    """Makes a job that nobody works on, not even the sweeper."""
    now = datetime.now(UTC).replace(microsecond=0)
    later = now + timedelta(hours=1)
    times = {"created_at": now, "expires_at": later, "deadline_at": later, "check_at": later}
    job = a_job(total=len(file_ids), owner=owner, **times)
    jobs.create(job, file_ids)
    return job
