"""Over how many keys a job is spread: a partition of DynamoDB's takes 1,000 write units a second, and of two
transactions that meet on one item the later is refused.
"""

from zlib import crc32

from downloads.aws import items
from downloads.model import Job

# A file's transaction costs two write units: eight partitions take 4,000 files a second.
MOST_PARTITIONS = 8
FILES_A_PARTITION = 250
# Lanes hand out ten files at most at once, often fewer: batches that run at once are to find room.
MOST_TALLIES = 32
FILES_A_TALLY = 5


def partitions(job: Job) -> int:
    return _parts(job.total, FILES_A_PARTITION, MOST_PARTITIONS)


def tallies(job: Job) -> int:
    return tallies_of(job.total)


def tallies_of(total: int) -> int:
    return _parts(total, FILES_A_TALLY, MOST_TALLIES)


def file_key(job: Job, file_id: int) -> items.Item:
    sort_key = items.file_sort_key(file_id)
    return items.files_key(job.job_id, crc32(sort_key.encode()) % partitions(job)) | {"SK": {"S": sort_key}}


def _parts(total: int, each: int, most: int) -> int:
    return min(most, -(-total // each))
