"""What runs count, added up in the table."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from downloads import metrics
from downloads.aws.counters import DynamoCounters
from downloads.meter import Meter, Sample
from tests.aws import create_table
from tests.contract.conftest import CLOUDS, Cloud, a_name, cloud_of

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
        counters.add(PART, counted((metrics.FILES, 2, {"status": "success"})), now)
        counters.add(f"{PART} GET /", counted((metrics.FILES, 1, {"status": "success"})), now)
    assert counters.read(now).numbers == {("download_files_processed_total", "success"): 36}


def test_observations_lie_in_buckets(counters: DynamoCounters, now: datetime) -> None:
    times = [(metrics.JOB_SECONDS_TAKEN, value, {"status": "failed"}) for value in (0.005, 0.004, 7.25, 9000)]
    counters.add(PART, counted(*times), now)
    name = "download_jobs_duration_seconds"
    assert counters.read(now).numbers == {
        (name, "failed", "0"): 2,
        (name, "failed", "10"): 1,
        (name, "failed", "18"): 1,
        (name, "failed", "sum"): pytest.approx(9007.259),
    }


def test_of_a_gauge_counts_what_was_told_last_by_whichever_process(
    table: tuple[Any, str], now: datetime
) -> None:
    for number, age in enumerate([300, 7.5, 3] * 4):
        DynamoCounters(*table).add(PART, counted((metrics.STREAM_AGE, age, {})), now + number * MINUTE)
    counters = DynamoCounters(*table)
    assert counters.read(now).numbers == {("download_stream_iterator_age_seconds",): 3}


def test_a_run_is_under_way_until_it_ends(counters: DynamoCounters, now: datetime) -> None:
    counters.begin(PART, "one", now + MINUTE)
    counters.begin(PART, "two", now + MINUTE)
    assert counters.read(now).under_way == {PART: 2}
    counters.end(PART, "one")
    assert counters.read(now).under_way == {PART: 1}


def test_a_run_that_was_cut_off_is_forgotten_and_leaves_nothing(
    table: tuple[Any, str], now: datetime
) -> None:
    client, name = table
    counters = DynamoCounters(client, name)
    counters.begin(PART, "cut off", now + MINUTE)
    assert counters.read(now + 2 * MINUTE).under_way == {}
    (item,) = client.scan(TableName=name)["Items"]
    # In an item of its own, which the table's TTL takes away.
    assert int(item["expires_at"]["N"]) == int((now + MINUTE).timestamp())


def test_sums_stay_exact(counters: DynamoCounters, now: datetime) -> None:
    for _ in range(10):
        counters.add(PART, counted((metrics.RUN_SECONDS, 0.1, {"function": PART})), now)
    assert counters.read(now).numbers["lambda_duration_seconds", PART, "sum"] == 1


def test_counts_never_expire(table: tuple[Any, str], now: datetime) -> None:
    """One of many items that starts again at 0 makes a sum fall: to Prometheus all of it is new then."""
    client, name = table
    DynamoCounters(client, name).add(PART, counted((metrics.CONFLICTS, 1, {})), now)
    (item,) = client.scan(TableName=name)["Items"]
    assert "expires_at" not in item


def test_a_run_that_counted_nothing_adds_nothing(counters: DynamoCounters, now: datetime) -> None:
    counters.add(PART, [], now)
    assert counters.read(now).numbers == {}


def test_a_table_that_is_missing_is_a_fault_that_is_told(emulator: Cloud, now: datetime) -> None:
    client = emulator("dynamodb", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError):
        DynamoCounters(client, "there-is-none").add(PART, counted((metrics.CONFLICTS, 1, {})), now)
