"""Over how many keys a job is spread: a partition of DynamoDB's takes 1,000 write units a second, and of two
transactions that meet on one item the later is refused.

A job's item keeps the numbers that it was written with: those below are of new jobs, and may change.
"""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

from downloads.aws import items
from downloads.model import Job, Spread

# A file's transaction costs two write units: eight partitions take 4,000 files a second.
MOST_PARTITIONS = 8
FILES_A_PARTITION = 250
# Lanes hand out ten files at most at once, often fewer: batches that run at once are to find room.
MOST_TALLIES = 32
FILES_A_TALLY = 5


def of(job: Job) -> Spread:
    return job.spread or _chosen(job.total)


def stored(values: Mapping[str, Any]) -> Spread:
    """That of a job by its item, read; one of before the numbers were kept is of those above."""
    chosen = _chosen(int(values["total"]))
    return Spread(
        int(values.get("partitions", chosen.partitions)), int(values.get("tallies", chosen.tallies))
    )


def other(values: Mapping[str, Any]) -> Spread | None:
    """As ``stored``, where this build would choose otherwise."""
    found = stored(values)
    return None if found == _chosen(int(values["total"])) else found


def file_key(job: Job, file_id: int) -> items.Item:
    sort_key = items.file_sort_key(file_id)
    number = crc32(sort_key.encode()) % of(job).partitions
    return items.files_key(job.job_id, number) | {"SK": {"S": sort_key}}


def _chosen(total: int) -> Spread:
    return Spread(
        _parts(total, FILES_A_PARTITION, MOST_PARTITIONS), _parts(total, FILES_A_TALLY, MOST_TALLIES)
    )


def _parts(total: int, each: int, most: int) -> int:
    return min(most, -(-total // each))
