"""Each port twice: the fake, and the real adapter on moto's AWS."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from downloads.aws.dynamodb import DynamoJobs
from downloads.aws.s3 import S3Objects
from downloads.aws.watchers import DynamoWatchers
from downloads.ports import Jobs, Objects, Watchers
from tests.aws import create_table
from tests.fakes import FakeJobs, FakeObjects, FakeWatchers

TABLE = "downloads"
BUCKET = "downloads"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield


def make_table() -> Any:
    client = boto3.client("dynamodb")
    create_table(client, TABLE)
    return client


def make_bucket(sizes: dict[int, int]) -> Any:
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for file_id, size in sizes.items():
        client.put_object(Bucket=BUCKET, Key=f"downloads/{file_id}.zip", Body=b"x" * size)
    return client


@pytest.fixture(params=["fake", "dynamodb"])
def jobs(request: pytest.FixtureRequest, now: datetime) -> Jobs:
    if request.param == "fake":
        return FakeJobs(clock=now)
    request.getfixturevalue("aws")
    return DynamoJobs(make_table(), TABLE, clock=lambda: now)


@pytest.fixture(params=["fake", "dynamodb"])
def watchers(request: pytest.FixtureRequest) -> Watchers:
    if request.param == "fake":
        return FakeWatchers()
    request.getfixturevalue("aws")
    return DynamoWatchers(make_table(), TABLE)


@pytest.fixture(params=["fake", "s3"])
def objects(request: pytest.FixtureRequest) -> Objects:
    sizes = {70000: 5, 70007: 0}
    if request.param == "fake":
        return FakeObjects(sizes)
    request.getfixturevalue("aws")
    return S3Objects(make_bucket(sizes), BUCKET, "downloads/{file_id}.zip", timedelta(hours=1))
