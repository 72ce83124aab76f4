"""The stack as an attacker finds it: guarded as on AWS, with a stage's limits, on an emulator of its own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest
from websockets.sync.client import ClientConnection, connect

from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.ports import free_port
from tests.e2e.conftest import Service, hear, idle, jobs, say  # noqa: F401 # two are fixtures
from tests.security.forgery import Pool

TRUSTED = "https://app.example"
MOST_OPEN = 10
# A laptop lets callbacks go anywhere; fewer open jobs than the burst, so that the two limits tell apart.
AS_ON_AWS = {
    "WEBHOOK_ALLOW_HTTP": "false",
    "WEBHOOK_ALLOW_PRIVATE": "false",
    "CORS_ORIGINS": TRUSTED,
    "MAX_OPEN_JOBS": str(MOST_OPEN),
    "DEMO_PAGE": "true",
}


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    with LocalCloud(tmp_path_factory.mktemp("cloud"), free_port()) as deployed:
        deployed.deploy(context=AS_ON_AWS)
        assert deployed.warm() == []
        deployed.seed(for_stage("dev").key_template)
        yield deployed


@contextmanager
def signed_in(cloud: LocalCloud, name: str, token: str | None = None) -> Iterator[Service]:
    token = token or cloud.sign_in(name)
    headers = {"authorization": f"Bearer {token}"}
    with httpx.Client(base_url=cloud.outputs["ApiUrl"], headers=headers, timeout=120) as http:
        yield Service(cloud, http, token)


@pytest.fixture(scope="session")
def alice(cloud: LocalCloud) -> Iterator[Service]:
    with signed_in(cloud, "alice") as user:
        yield user


@pytest.fixture(scope="session")
def service(alice: Service) -> Service:
    """Whose the jobs are that the fixtures of tests/e2e make."""
    return alice


@pytest.fixture(scope="session")
def bob(cloud: LocalCloud) -> Iterator[Service]:
    with signed_in(cloud, "bob") as user:
        yield user


@pytest.fixture
def newcomer(cloud: LocalCloud) -> Iterator[Service]:
    """Somebody with limits that nobody has drawn on."""
    with signed_in(cloud, f"new-{uuid4()}") as user:
        yield user


@pytest.fixture(scope="session")
def stranger(cloud: LocalCloud) -> Iterator[httpx.Client]:
    """Somebody who has not signed in."""
    with httpx.Client(base_url=cloud.outputs["ApiUrl"], timeout=120) as http:
        yield http


@pytest.fixture
def callbacks_to_this_machine(cloud: LocalCloud) -> Iterator[None]:
    """Webhooks as on a laptop, for a while: no receiver of the tests has a public address."""
    functions = [cloud.outputs["InitiateJobName"], cloud.outputs["DeliverWebhookName"]]
    allow(cloud, functions, "true")
    yield
    allow(cloud, functions, "false")


def allow(cloud: LocalCloud, functions: list[str], value: str) -> None:
    client = cloud.client("lambda")
    for name in functions:
        variables = client.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
        changed = variables | {"WEBHOOK_ALLOW_HTTP": value, "WEBHOOK_ALLOW_PRIVATE": value}
        client.update_function_configuration(FunctionName=name, Environment={"Variables": changed})


@pytest.fixture(scope="session")
def pool(alice: Service) -> Pool:
    return Pool(alice.cloud, alice.token)


@pytest.fixture(scope="session")
def alices(alice: Service) -> str:
    """A job of Alice's that has ended, with one file ready and one failed."""
    job_id = alice.initiate([70000, 70084])
    alice.ended(job_id)
    return job_id


@pytest.fixture(scope="session")
def bobs(bob: Service) -> str:
    job_id = bob.initiate([70000])
    bob.ended(job_id)
    return job_id


# How long a connection outlives its token: websocket.py.
GRACE_S = 30


@dataclass(frozen=True)
class Brief:
    """A connection by a token that ends in seconds, and the job that it watches."""

    socket: ClientConnection
    over_at: float
    job_id: str


@pytest.fixture(scope="session", autouse=True)
def brief(pool: Pool, alice: Service) -> Iterator[Brief]:
    """Opened before everything else, so that its grace passes while other tests run."""
    job_id = alice.initiate([70084])
    alice.ended(job_id)
    over_at = int(time.time()) + 5 + GRACE_S
    with opened(alice, pool.sign(exp=over_at - GRACE_S)) as socket:
        say(socket, "subscribe", jobId=job_id)
        assert hear(socket)["type"] == "snapshot"
        yield Brief(socket, over_at, job_id)


def opened(service: Service, token: str) -> ClientConnection:
    headers = {"authorization": f"Bearer {token}"}
    return connect(service.websocket_url, additional_headers=headers, open_timeout=20, close_timeout=2)
