"""Handlers on moto's AWS, fed with the sample events."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from logging import StreamHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

from downloads import clients, telemetry, wiring
from downloads.aws.deliveries import DynamoDeliveries
from downloads.aws.watchers import DynamoWatchers
from downloads.model import Job
from tests.aws import create_table, dynamo_jobs
from tests.conftest import a_job
from tests.sockets import SocketApi

EVENTS = Path(__file__).parents[2] / "events"
# The job that the sample events speak of.
JOB_ID = "7f3e2c1a-5b4d-4e6f-8a90-1b2c3d4e5f60"
CONNECTION = "L0SM9cOFvHcCIhw="
FILES = {70000: b"first", 70007: b""}
IDS = [70000, 70007, 70014]
SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

CACHED = (
    wiring.settings,
    wiring.jobs,
    wiring.recording_jobs,
    wiring.dynamodb_client,
    wiring.counting_client,
    wiring.counters,
    wiring.counting_rest,
    wiring.metrics_token,
    wiring.sqs_client,
    clients.s3_client_at,
    wiring.links,
    wiring.secrets_client,
    wiring.keys,
    wiring.history,
    wiring.frame_rate,
    wiring.callback,
    wiring.verifier,
)

Call = Callable[[dict[str, Any]], dict[str, Any]]


def sample(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return loaded


def context() -> Any:
    return SimpleNamespace(
        function_name="tested",
        aws_request_id="run-1",
        memory_limit_in_mb="512",
        get_remaining_time_in_millis=lambda: 60_000,
    )


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Table, bucket and queues, and an environment that names them; nothing is left of other tests."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    for made in CACHED:
        made.cache_clear()
    with mock_aws():
        cloud = SimpleNamespace(
            dynamodb=boto3.client("dynamodb"),
            s3=boto3.client("s3"),
            sqs=boto3.client("sqs"),
            secrets=boto3.client("secretsmanager"),
        )
        _make(cloud)
        for name, value in _environment(cloud).items():
            monkeypatch.setenv(name, value)
        cloud.jobs = dynamo_jobs(cloud.dynamodb, "downloads")
        cloud.deliveries = DynamoDeliveries(cloud.dynamodb, "downloads")
        cloud.watchers = DynamoWatchers(cloud.dynamodb, "downloads")
        yield cloud


@pytest.fixture
def logged() -> Iterator[StringIO]:
    """What is logged, in the very form that it is logged in."""
    logger, stream = telemetry.logger(), StringIO()
    handler = StreamHandler(stream)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def lines(logged: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in logged.getvalue().splitlines()]


@pytest.fixture
def job(aws: SimpleNamespace) -> Job:
    """The samples' job, alive today, with three files of which the last is missing."""
    now = datetime.now(UTC).replace(microsecond=0)
    made = a_job(total=3, job_id=JOB_ID, created_at=now, expires_at=now + timedelta(days=1))
    aws.jobs.create(made, IDS)
    return made


@pytest.fixture
def table_away(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The table cannot be reached: port 9 (discard) answers nobody."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    _forget_the_table()
    yield
    _forget_the_table()


@pytest.fixture
def socket_api(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Iterator[SocketApi]:
    with SocketApi() as api:
        monkeypatch.setenv("WEBSOCKET_ENDPOINT", api.url)
        yield api


def _forget_the_table() -> None:
    for made in (wiring.jobs, wiring.recording_jobs, wiring.dynamodb_client):
        made.cache_clear()


def _make(cloud: SimpleNamespace) -> None:
    create_table(cloud.dynamodb, "downloads")
    cloud.s3.create_bucket(
        Bucket="downloads", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    cloud.s3.create_bucket(
        Bucket="archives", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    for file_id, body in FILES.items():
        cloud.s3.put_object(Bucket="downloads", Key=f"downloads/{file_id}.zip", Body=body)
    cloud.urls = {
        name: cloud.sqs.create_queue(QueueName=f"downloads-{name}")["QueueUrl"]
        for name in ("high", "normal", "parked", "notices", "undelivered", "bundles")
    }
    secret = cloud.secrets.create_secret(Name="webhook", SecretString=json.dumps({"current": SECRET}))
    cloud.secret_arn = secret["ARN"]


def _environment(cloud: SimpleNamespace) -> dict[str, str]:
    return {
        "STAGE": "test",
        "AUTH_MODE": "none",
        "CORS_ORIGINS": "https://app.example.com",
        "RATE_LIMIT_PER_MINUTE": "6000",
        "RATE_LIMIT_BURST": "1000",
        "MAX_OPEN_JOBS": "100",
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "downloads",
        "TABLE_NAME": "downloads",
        "BUCKET_NAME": "downloads",
        "KEY_TEMPLATE": "downloads/{file_id}.zip",
        "URL_TTL_SECONDS": "3600",
        "HIGH_QUEUE_URL": cloud.urls["high"],
        "NORMAL_QUEUE_URL": cloud.urls["normal"],
        "WEBSOCKET_URL": "wss://socket.example/live",
        "WEBSOCKET_ENDPOINT": "https://socket.example/live",
        "MIN_FILE_ID": "10000",
        "MAX_FILE_ID": "100000000",
        "MAX_FILES_PER_JOB": "1000",
        "MAX_CONCURRENCY": "5",
        "MAX_ATTEMPTS": "5",
        "JOB_TTL_SECONDS": "86400",
        "JOB_DEADLINE_SECONDS": "3600",
        "SWEEP_GRACE_SECONDS": "120",
        "PARKED_QUEUE_URL": cloud.urls["parked"],
        "FILE_TTL_SECONDS": "604800",
        "CONNECTION_TTL_SECONDS": "7200",
        "SSE_HOLD_SECONDS": "0",
        "BUNDLES": "true",
        "BUNDLE_BUCKET_NAME": "archives",
        "BUNDLE_QUEUE_URL": cloud.urls["bundles"],
        "BUNDLE_MAX_BYTES": "1000000000",
        "BUNDLE_PART_MB": "5",
        "WEBHOOK_QUEUE_URL": cloud.urls["notices"],
        "WEBHOOK_DEAD_LETTERS_URL": cloud.urls["undelivered"],
        "WEBHOOK_SECRET_ARN": cloud.secret_arn,
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_ALLOW_PRIVATE": "true",
    }
