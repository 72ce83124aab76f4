"""Open jobs as the table's sparse index lists them, and the items behind: keys first, then a bounded read."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from delineate.operator.items import JOB, JOB_FIELDS, Job, job_key, job_of, projection

INDEX = "open-jobs"
SHARDS = tuple(f"OPEN#{digit}" for digit in "0123456789abcdef")
MOST_KEYS = 500
"""Keys read of one shard at a look: a page of them is some 50 KB."""
BATCH = 100
"""BatchGetItem's most."""
PASSES = 4
"""Askings for what a throttled table did not process."""


@dataclass(frozen=True)
class Listed:
    """Ids in the index, those due first; `whole` is False when a shard holds more than is read."""

    ids: tuple[str, ...] = ()
    whole: bool = True


def listed(dynamodb: Any, table: str) -> Listed:
    """What the index lists; needs `dynamodb:Query` on it."""
    keys: list[tuple[int, str]] = []
    whole = True
    for shard in SHARDS:
        reply = dynamodb.query(
            TableName=table,
            IndexName=INDEX,
            KeyConditionExpression="open_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
            Limit=MOST_KEYS,
        )
        keys += [(int(item["check_at"]["N"]), item["PK"]["S"].removeprefix(JOB)) for item in reply["Items"]]
        whole = whole and "LastEvaluatedKey" not in reply
    return Listed(tuple(job_id for _, job_id in sorted(keys)), whole)


@dataclass(frozen=True)
class Fetched:
    """Items that were read; `unread` are those that the table was too busy to give."""

    jobs: dict[str, Job]
    unread: frozenset[str] = frozenset()


def fetched(dynamodb: Any, table: str, ids: Sequence[str]) -> Fetched:
    """The jobs of `ids` that exist and can be read; needs `dynamodb:BatchGetItem`."""
    jobs: dict[str, Job] = {}
    unread: set[str] = set()
    for first in range(0, len(ids), BATCH):
        items, left = _batch(dynamodb, table, ids[first : first + BATCH])
        unread |= left
        jobs |= {job.job_id: job for job in _readable(items)}
    return Fetched(jobs, frozenset(unread))


def _batch(dynamodb: Any, table: str, ids: Iterable[str]) -> tuple[list[Any], set[str]]:
    wanted: dict[str, Any] = {table: {"Keys": [job_key(job_id) for job_id in ids], **projection(JOB_FIELDS)}}
    found: list[Any] = []
    for _ in range(PASSES):
        reply = dynamodb.batch_get_item(RequestItems=wanted)
        found += reply["Responses"].get(table, [])
        wanted = reply.get("UnprocessedKeys") or {}
        if not wanted:
            return found, set()
    return found, {key["PK"]["S"].removeprefix(JOB) for key in wanted[table]["Keys"]}


def _readable(items: Iterable[Any]) -> list[Job]:
    jobs = []
    for item in items:
        try:
            jobs.append(job_of(item))
        except (LookupError, ValueError):
            # An item of another shape is not shown: one such job must not blind the screen for all others.
            continue
    return jobs
