"""Each port three times: the fake, and the real adapter on moto's AWS and on the emulator."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from moto import mock_aws

from downloads.aws.presign import Links
from downloads.aws.s3 import S3Objects
from downloads.aws.watchers import DynamoWatchers
from downloads.ports import Jobs, Objects
from downloads.watch_ports import Watchers
from infra_cdk import emulator_setup
from infra_cdk.emulator import Emulator
from infra_cdk.ports import LOOPBACK, free_port
from tests.aws import create_table, dynamo_jobs
from tests.fakes import FakeJobs, FakeObjects, FakeWatchers

Cloud = Callable[..., Any]
"""Makes a boto3 client of one of a cloud's services, such as `sqs`."""

CLOUDS = ["moto", "emulator"]
ALL = ["fake", *CLOUDS]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The emulator alone, with nothing deployed to it; names keep its tests apart."""
    started = Emulator(tmp_path_factory.mktemp("emulator"))
    running = started.start(emulator_setup.install(), free_port(), attached=True)
    session = boto3.Session("test", "test", region_name="us-east-1")
    endpoint = f"http://{LOOPBACK}:{running.port}"
    yield lambda service, **more: session.client(service, endpoint_url=endpoint, **more)
    started.stop()


def cloud_of(request: pytest.FixtureRequest) -> Cloud:
    """The cloud that the fixture's parameter names."""
    if request.param == "emulator":
        return request.getfixturevalue("emulator")  # type: ignore[no-any-return] # as the fixture says
    request.getfixturevalue("aws")
    return boto3.client


def s3_objects(client: Any, bucket: str) -> S3Objects:
    links = Links(client, Credentials("test", "test"), bucket, timedelta(hours=1))
    return S3Objects(client, bucket, "downloads/{file_id}.zip", links)


def a_name() -> str:
    return f"downloads-{uuid4()}"


def make_table(client: Any) -> str:
    name = a_name()
    create_table(client, name)
    return name


def make_bucket(client: Any, sizes: dict[int, int]) -> str:
    name = a_name()
    client.create_bucket(Bucket=name)
    for file_id, size in sizes.items():
        client.put_object(Bucket=name, Key=f"downloads/{file_id}.zip", Body=b"x" * size)
    return name


@pytest.fixture(params=ALL)
def jobs(request: pytest.FixtureRequest, now: datetime) -> Jobs:
    if request.param == "fake":
        return FakeJobs(clock=now)
    client = cloud_of(request)("dynamodb")
    return dynamo_jobs(client, make_table(client), clock=lambda: now)


@pytest.fixture(params=ALL)
def watchers(request: pytest.FixtureRequest) -> Watchers:
    if request.param == "fake":
        return FakeWatchers()
    client = cloud_of(request)("dynamodb")
    return DynamoWatchers(client, make_table(client))


@pytest.fixture(params=ALL)
def objects(request: pytest.FixtureRequest) -> Objects:
    sizes = {70000: 5, 70007: 0}
    if request.param == "fake":
        return FakeObjects(sizes)
    client = cloud_of(request)("s3", config=Config(signature_version="s3v4"))
    return s3_objects(client, make_bucket(client, sizes))
