"""Contention: many processors at work for one job, on a model of what DynamoDB refuses."""

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import boto3
import botocore.session

from downloads.aws import recent
from downloads.aws.counting import Counter
from downloads.aws.job_items import job_item, job_of
from downloads.aws.settling import Settling
from downloads.errors import ContendedError
from downloads.model import Job
from tests.aws import INDEXES
from tests.bench.cloud.stand_in import StandIn
from tests.bench.cloud.table import Table as Stored
from tests.bench.floor import Counts, Floor
from tests.bench.one_counter import OneCounter
from tests.bench.report import Bound, Goal, Report, Table, Told, figure
from tests.bench.scale_model import limits
from tests.bench.virtual_time import VirtualTime
from tests.conftest import NOW, a_job, ready

TABLE = "downloads"
CONCURRENCY = (2, 5, 20, 50)
FILES, MANY, BATCH = 1_000, 4_000, 10
# Ten HEADs at once, in seconds; and how often Lambda polls a stream: four times a second and shard.
LOOK_S, POLL_S = 0.04, 0.25
SEED = 8
NEW_TABLE = limits()["table_partitions"]["value"]
INTRO = """
Processors record batches of ten files of one job. The adapters and their clients are the service's own, the
table is in memory, and time is a model (`tests/bench/durations.toml`): a write that names an item of a
transaction in flight is refused, a partition takes 1,000 write units a second. Beside it, in the same run,
how it was counted before: every batch's transaction held the job's own item (`tests/bench/one_counter.py`).
"""
SPLIT = (
    "A partition key is taken to be a partition of its own, but in the second row. DynamoDB splits "
    "partitions that are under load, over minutes, not within one job: in a table that is new, or has slept, "
    "a large job is held to what few partitions take."
)
HEAD = (
    "Processors", "conflicts", "throttled", "files/s", "units a file", "before: conflicts", "before: files/s"
)  # fmt: skip
ASSUMED = (
    "Shares are of all transactions; each that is refused is tried again. Throttled are those that found no "
    "write units left in a partition. Units are write units, with those that settle the job. Files a second "
    "are the model's, not this machine's."
)


@dataclass(frozen=True, slots=True)
class Found:
    """What one run came to; ``seconds`` are the model's, ``units`` are write units a file."""

    counts: Counts
    seconds: float
    files: int
    completed: int
    units: float

    @property
    def rate(self) -> float:
        return self.files / self.seconds


@dataclass(frozen=True, slots=True)
class Setup:
    """One job, the floor under it, and how many processors are at work, each ``look_s`` a batch."""

    floor: Floor
    job: Job
    workers: int
    look_s: float = LOOK_S

    def settling(self) -> Settling:
        """As a function has it that reads the job or settles it."""
        return Settling(self.floor, TABLE, _alive, lambda: NOW, pause=self.floor.time.sleep)

    def counter(self) -> Counter:
        """As one processor has it."""
        own = self.settling()
        week = timedelta(days=7)
        return Counter(self.floor, TABLE, week, own.get, own.settle, wait=self.floor.time.sleep)


def run(told: Told) -> Report:
    tallies, before = {}, {}
    for workers in CONCURRENCY:
        told(f"{workers} processors")
        tallies[workers] = measured(workers, FILES, in_tallies)
        before[workers] = measured(workers, FILES, in_one_counter)
    told("ceiling")
    most = measured(50, MANY, in_tallies, look_s=0)
    most_yet = measured(50, MANY, in_tallies, look_s=0, partitions=NEW_TABLE)
    most_before = measured(50, FILES, in_one_counter, look_s=0)
    return Report(
        "Contention",
        INTRO,
        [
            Table(
                "One job of 1,000 files",
                HEAD,
                [_row(workers, tallies[workers], before[workers]) for workers in CONCURRENCY],
                ASSUMED,
            ),
            Table(
                "Ceiling: 50 processors that do nothing but record",
                ("Counted in", "files/s", "conflicts", "throttled"),
                [
                    _most("tallies", most),
                    _most(f"tallies, in the {NEW_TABLE} partitions of a new table", most_yet),
                    _most("one counter", most_before),
                ],
                SPLIT,
            ),
        ],
        _goals(tallies, most, most_yet),
    )


def _goals(tallies: dict[int, Found], most: Found, most_yet: Found) -> list[Goal]:
    return [
        Goal("Transactions refused at 5 processors", 100 * tallies[5].counts.refused, 5, unit=" %"),
        Goal("Files/s at 5 over those at 2", tallies[5].rate / tallies[2].rate, 2, Bound.AT_LEAST),
        Goal("Files/s at 20 over those at 5", tallies[20].rate / tallies[5].rate, 1.5, Bound.AT_LEAST),
        Goal("Files/s of one job at the ceiling", most.rate, 1_000, Bound.AT_LEAST),
        Goal("Write units a file", max(found.units for found in tallies.values()), 2.5),
        Goal("Files counted twice or not at all", _miscounted([*tallies.values(), most, most_yet]), 0),
    ]


def _miscounted(runs: list[Found]) -> int:
    return sum(abs(found.files - found.completed) for found in runs)


def _row(workers: int, now: Found, before: Found) -> list[str]:
    conflicts, throttled = _shares(now.counts)
    rates = figure(now.rate), figure(now.units), _shares(before.counts)[0], figure(before.rate)
    return [str(workers), conflicts, throttled, *rates]


def _most(name: str, found: Found) -> list[str]:
    return [name, figure(found.rate), *_shares(found.counts)]


def _shares(counts: Counts) -> tuple[str, str]:
    """Of all transactions: refused for a conflict, and for want of write units."""
    conflicts, throttled = (100 * one / counts.transactions for one in (counts.conflicts, counts.throttled))
    return f"{conflicts:.1f} %", f"{throttled:.1f} %"


Way = Callable[[Setup], tuple[Callable[[], Any], list[Callable[[], None]]]]
"""Makes what records for one processor, and what else is at work beside the processors."""


def in_tallies(setup: Setup) -> tuple[Callable[[], Any], list[Callable[[], None]]]:
    def publisher() -> None:
        settling = setup.settling()
        settled = None
        while settled is None or not settled.job.status.terminal:
            setup.floor.time.sleep(POLL_S)
            settled = settling.settle(setup.job.job_id, announced=True)

    return setup.counter, [publisher]


def in_one_counter(setup: Setup) -> tuple[Callable[[], Any], list[Callable[[], None]]]:
    return lambda: OneCounter(setup.floor, TABLE, setup.floor.time.sleep), []


def measured(
    workers: int, files: int, way: Way, look_s: float = LOOK_S, partitions: int | None = None
) -> Found:
    random.seed(SEED)
    table = Stored(INDEXES)
    client = _client(table)
    job = a_job(total=files).begun(NOW)
    client.put_item(TableName=TABLE, Item=job_item(job))
    setup = Setup(Floor(client, table, VirtualTime(), partitions), job, workers, look_s)
    begun_with = table.write_units
    with patch.object(recent, "monotonic", lambda: setup.floor.time.now):
        ended = _all_recorded(setup, way)
    counted = setup.settling().get(job.job_id)
    units = (table.write_units - begun_with) / files
    return Found(setup.floor.counts, ended, files, counted.completed if counted else 0, units)


def _client(table: Stored) -> Any:
    """As the functions have it; nothing of it reaches a network."""
    session = botocore.session.Session()
    StandIn(table).attach(session)
    made = boto3.Session("test", "test", region_name="eu-central-1", botocore_session=session)
    return made.client("dynamodb")


def _all_recorded(setup: Setup, way: Way) -> float:
    """The moment at which the last batch was recorded."""
    ids = range(10_000, 10_000 + setup.job.total)
    queue = deque(ids[first : first + BATCH] for first in range(0, len(ids), BATCH))
    recorder, beside = way(setup)
    ends: list[float] = []

    def processor() -> None:
        counter, time = recorder(), setup.floor.time
        remembered = recent.Recent(setup.settling().get)
        time.sleep(random.uniform(0, setup.look_s))  # noqa: S311 # processors do not begin in step
        while queue:
            batch = queue.popleft()
            job = remembered.of(setup.job.job_id, setup.job.round)
            time.sleep(setup.look_s * random.uniform(0.5, 1.5))  # noqa: S311 # as above
            try:
                counter.record(job, [ready(file_id) for file_id in batch], NOW)
            except ContendedError:
                # The message comes again; the model counts no wait for that.
                queue.append(batch)
            ends.append(time.now)

    setup.floor.time.run([*[processor] * setup.workers, *beside])
    return max(ends)


def _alive(item: Any) -> Job | None:
    return job_of(item) if item else None
