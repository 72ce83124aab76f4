"""Records of the table's stream, sorted into what they say of each job."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from downloads.aws import items
from downloads.usecases.publish import Changes


@dataclass(slots=True)
class JobRecords:
    """One job's share of a batch; ``first`` is the sequence number to come back to if it fails."""

    first: str
    changes: Changes = field(default_factory=Changes)


def by_job(records: Iterable[Mapping[str, Any]]) -> dict[str, JobRecords]:
    """What a batch says of each job, in the stream's order.

    The event source mapping's filter lets through three kinds only: changed jobs, new results, and
    new watchers that want a greeting.
    """
    found: dict[str, JobRecords] = {}
    for record in records:
        stream = record["dynamodb"]
        partition, sort_key = stream["Keys"]["PK"]["S"], stream["Keys"]["SK"]["S"]
        job_id = partition.partition("#")[2]
        job = found.setdefault(job_id, JobRecords(first=stream["SequenceNumber"]))
        _note(job.changes, stream, sort_key)
    return found


def _note(changes: Changes, stream: Mapping[str, Any], sort_key: str) -> None:
    if sort_key == items.JOB_SORT_KEY:
        changes.job = items.job_of(stream["NewImage"])
        if changes.since is None:
            changes.since = items.job_of(stream["OldImage"]).version
    elif sort_key.startswith(items.FILE_PREFIX):
        changes.results.append(items.result_of(stream["NewImage"]))
    else:
        changes.newcomers.append(sort_key.removeprefix(items.CONNECTION_PREFIX))
