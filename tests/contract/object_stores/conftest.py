"""Three stores, each started once: moto as a server, the emulator, and SeaweedFS."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.server import ThreadedMotoServer

from downloads import clients, wiring
from downloads.aws.s3 import S3Objects
from infra_cdk import emulator_setup, seaweedfs_setup
from infra_cdk.emulator import Emulator
from infra_cdk.ports import LOOPBACK, free_port
from infra_cdk.seaweedfs import SeaweedFS
from tests.contract.conftest import a_name
from tests.contract.object_stores.stores import STORES, Objects, Store

FILE, EMPTY, MISSING = 70000, 70007, 70014
BODY = b"hello"
PATH_STYLE = Config(signature_version="s3v4", s3={"addressing_style": "path"})


@pytest.fixture(scope="session")
def moto() -> Iterator[tuple[str, str, str]]:
    server = ThreadedMotoServer(LOOPBACK, free_port(), verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}", "test", "test"
    server.stop()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    started = Emulator(tmp_path_factory.mktemp("emulator"))
    running = started.start(emulator_setup.install(), free_port(), attached=True)
    yield f"http://{LOOPBACK}:{running.port}", "test", "test"
    started.stop()


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    server = SeaweedFS(tmp_path_factory.mktemp("seaweedfs"))
    store = server.start(seaweedfs_setup.install(), attached=True)
    yield store.endpoint, *store.identities["owner"]
    server.stop()


@pytest.fixture(scope="session", params=STORES)
def store(request: pytest.FixtureRequest) -> Store:
    """A store with a file, an empty one, and a bucket that it does not let the service read."""
    endpoint, *keys = request.getfixturevalue(request.param)
    owner = client(endpoint, *keys)
    made = Store(request.param, endpoint, (keys[0], keys[1]), a_name(), a_name(), owner)
    owner.create_bucket(Bucket=made.bucket)
    made.put(f"downloads/{FILE}.zip", BODY)
    made.put(f"downloads/{EMPTY}.zip", b"")
    if made.name == "emulator":
        # It enforces no policy on the account that owns a bucket, and takes an access key for its account.
        owner = client(endpoint, "111111111111", "test")
    owner.create_bucket(Bucket=made.closed)
    owner.put_object(Bucket=made.closed, Key=f"downloads/{FILE}.zip", Body=BODY)
    resource = f"arn:aws:s3:::{made.closed}/*"
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": resource}
    owner.put_bucket_policy(
        Bucket=made.closed, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    )
    return made


def client(endpoint: str, key: str, secret: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=PATH_STYLE,
    )


@pytest.fixture
def objects(store: Store, monkeypatch: pytest.MonkeyPatch) -> Objects:
    """Makes the adapter as the functions do: by settings, and by the SDK's variable for the endpoint."""

    def made(endpoint: str = store.endpoint, **changes: str) -> S3Objects:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        for cached in (clients.s3_client_at, wiring.links):
            cached.cache_clear()
        return wiring.objects(store.settings(**changes))

    return made
