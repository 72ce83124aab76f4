"""What runs count, added up in the table."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from downloads import metrics
from downloads.aws.counters import DynamoCounters
from downloads.meter import Meter, Sample
from tests.aws import create_table
from tests.contract.conftest import CLOUDS, a_name, cloud_of

MINUTE = timedelta(minutes=1)
PART = "process_file"


@pytest.fixture(params=CLOUDS)
def table(request: pytest.FixtureRequest) -> Iterator[tuple[Any, str]]:
    client = cloud_of(request)("dynamodb")
    name = a_name()
    create_table(client, name)
    yield client, name
    client.delete_table(TableName=name)


@pytest.fixture
def counters(table: tuple[Any, str]) -> DynamoCounters:
    return DynamoCounters(*table)


def counted(*adds: tuple[metrics.Metric, float, dict[str, str]]) -> list[Sample]:
    meter = Meter()
    for metric, value, labels in adds:
        meter.add(metric, value, **labels)
    return meter.drain()


def test_what_runs_of_all_processes_count_is_added_up(table: tuple[Any, str], now: datetime) -> None:
    for _ in range(12):
        # A process of its own each, so that most partitions are used.
        counters = DynamoCounters(*table)
        counters.end(PART, "run", counted((metrics.FILES, 2, {"status": "success"})), now)
        counters.end(f"{PART} GET /", "run", counted((metrics.FILES, 1, {"status": "success"})), now)
    assert counters.read(now).numbers == {("download_files_processed_total", "success"): 36}


def test_observations_lie_in_buckets(counters: DynamoCounters, now: datetime) -> None:
    times = [(metrics.JOB_SECONDS_TAKEN, value, {"status": "failed"}) for value in (0.005, 0.004, 7.25, 9000)]
    counters.end(PART, "run", counted(*times), now)
    name = "download_jobs_duration_seconds"
    assert counters.read(now).numbers == {
        (name, "failed", "0"): 2,
        (name, "failed", "10"): 1,
        (name, "failed", "18"): 1,
        (name, "failed", "sum"): pytest.approx(9007.259),
    }


def test_a_gauge_is_what_it_was_last(counters: DynamoCounters, now: datetime) -> None:
    for age in (7.5, 3):
        counters.end(PART, "run", counted((metrics.STREAM_AGE, age, {})), now)
    assert counters.read(now).numbers == {("download_stream_iterator_age_seconds",): 3}


def test_a_run_is_under_way_until_it_ends(counters: DynamoCounters, now: datetime) -> None:
    counters.begin(PART, "one", now + MINUTE)
    counters.begin(PART, "two", now + MINUTE)
    counters.begin("jobs_api GET /health", "three", now + MINUTE)
    assert counters.read(now).under_way == {PART: 2, "jobs_api": 1}
    counters.end(PART, "one", [], now)
    assert counters.read(now).under_way == {PART: 1, "jobs_api": 1}


def test_a_run_that_never_ended_is_forgotten_with_its_time(counters: DynamoCounters, now: datetime) -> None:
    counters.begin(PART, "crashed", now + MINUTE)
    assert counters.read(now + 2 * MINUTE).under_way == {}


def test_sums_stay_exact(counters: DynamoCounters, now: datetime) -> None:
    for _ in range(10):
        counters.end(PART, "run", counted((metrics.RUN_SECONDS, 0.1, {"function": PART})), now)
    assert counters.read(now).numbers["lambda_duration_seconds", PART, "sum"] == 1


def test_what_nothing_adds_to_is_forgotten(table: tuple[Any, str], now: datetime) -> None:
    client, name = table
    DynamoCounters(client, name).end(PART, "run", [], now)
    (item,) = client.scan(TableName=name)["Items"]
    assert int(item["expires_at"]["N"]) == int((now + timedelta(days=30)).timestamp())
