"""Records of the table's stream, sorted into what they say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from downloads.aws import items, tallies
from downloads.aws.job_items import ANNOUNCED, job_of
from downloads.aws.watchers import wish_of
from downloads.bundle_queue_ports import BundleTask
from downloads.changes import Changes
from downloads.model import Job, Wish


@dataclass(slots=True)
class JobRecords:
    """One job's share of a batch; ``first`` is the sequence number to come back to if it fails.

    ``changes`` are what watchers are still to be told. ``written`` is the job as its own last record has it,
    told of or not: every step of a job is written once, so what follows from one is asked for once.
    """

    first: str
    changes: Changes = field(default_factory=Changes)
    written: Job | None = None


@dataclass(slots=True)
class News:
    """What a batch says: changes by job, and wishes with their sequence numbers, in the stream's order.

    The event source mapping's filter lets through four kinds only: changed jobs, tallies, wishes, and
    checkpoints of bundles that expired, whose archives are to be cleared away.
    ``unreadable`` has the sequence numbers of records of a shape unknown here, and what broke.
    """

    jobs: dict[str, JobRecords] = field(default_factory=dict)
    wishes: list[tuple[str, Wish]] = field(default_factory=list)
    expired: list[tuple[str, BundleTask]] = field(default_factory=list)
    unreadable: dict[str, Exception] = field(default_factory=dict)


def read(records: Iterable[Mapping[str, Any]]) -> News:
    news = News()
    for record in records:
        stream = record["dynamodb"]
        try:
            _read(stream, news)
        except Exception as fault:  # noqa: BLE001 # an item of any shape may be in the table: it costs itself alone
            news.unreadable[stream["SequenceNumber"]] = fault
    return news


def _read(stream: Mapping[str, Any], news: News) -> None:
    partition, sort_key = stream["Keys"]["PK"]["S"], stream["Keys"]["SK"]["S"]
    if sort_key == items.WISH_SORT_KEY:
        news.wishes.append((stream["SequenceNumber"], wish_of(stream["NewImage"])))
        return
    job_id = partition.removeprefix(items.JOB_PREFIX)
    if sort_key == items.CHECKPOINT_SORT_KEY:
        # Nothing else of it: bytes come base64-encoded here, which no deserializer of the SDK takes.
        round_ = int(stream["OldImage"]["round"]["N"])
        news.expired.append((stream["SequenceNumber"], BundleTask(job_id, round_)))
        return
    job = news.jobs.setdefault(job_id, JobRecords(first=stream["SequenceNumber"]))
    _note(job, stream, sort_key)


def _note(job: JobRecords, stream: Mapping[str, Any], sort_key: str) -> None:
    changes = job.changes
    if sort_key != items.JOB_SORT_KEY:
        changes.counted = True
        changes.recorded += tallies.recorded_in(stream["NewImage"])
        return
    before, after = job_of(stream["OldImage"]), job_of(stream["NewImage"])
    if before.version == after.version:
        # The sweeper's note on the job, nothing that a watcher could see.
        return
    job.written = after
    if _announced(stream["NewImage"]) == after.version:
        # Who settled it told of it.
        return
    changes.job = after
    if changes.since is None:
        changes.since = before.version


def _announced(image: Mapping[str, Any]) -> int | None:
    return int(image[ANNOUNCED]["N"]) if ANNOUNCED in image else None
