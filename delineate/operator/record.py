"""What the table keeps of one job: its item, the result of each file, each attempt to deliver its webhook."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from delineate.operator.cloud import asked
from delineate.operator.counted import COUNTED_FIELDS, counted
from delineate.operator.items import (
    DELIVERY,
    FILE,
    FILE_PARTITIONS,
    JOB,
    JOB_FIELDS,
    Item,
    Job,
    job_key,
    job_of,
    moment,
    number,
    projection,
    text,
    who,
)
from delineate.operator.veil import Veil

RESULT_FIELDS = ("SK", "round", "at", "error_code", "size", "ready_at")
ATTEMPT_FIELDS = ("SK", "at", "outcome", "status", "failure", "duration_ms", "next_at", "owner")


@dataclass(frozen=True)
class Result:
    """What became of a file, and when, unless it was kept before that was; `error_code` when it failed.

    With `restored_by` nothing did yet: it waits until the store has restored it from its archive.
    """

    file_id: int
    round: int
    error_code: str | None
    size: int | None
    at: datetime | None
    restored_by: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """One attempt to deliver the notice of the job's end at `version`; `started` is one under way."""

    version: int
    number: int
    at: datetime
    outcome: str
    status: int | None
    failure: str | None
    duration_ms: int | None
    next_at: datetime | None


@dataclass(frozen=True)
class Record:
    """All of it; `job` is None when its item is gone, whatever else is left."""

    job: Job | None
    results: tuple[Result, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    veil: Veil = field(default_factory=Veil, repr=False)

    @property
    def empty(self) -> bool:
        """Whether the table knows nothing of the job."""
        return not (self.job or self.results or self.attempts)


def read(dynamodb: Any, table: str, job_id: str) -> Record:
    """Needs `dynamodb:Query` on the table. Raises AdminFault."""
    item, beside = asked(lambda: _job_item(dynamodb, table, job_id))
    results = asked(lambda: _results(dynamodb, table, job_id, number(item, "partitions")))
    attempts = asked(lambda: _of(dynamodb, table, f"{DELIVERY}{job_id}", ATTEMPT_FIELDS))
    owner = next((found for one in (item, *attempts) if (found := text(one, "owner"))), "")
    return Record(
        counted(job_of(item), item, beside) if item else None,
        tuple(sorted((_result(one) for one in results), key=lambda one: one.file_id)),
        tuple(_attempt(one) for one in attempts),
        Veil(owner, who(owner)),
    )


def _job_item(dynamodb: Any, table: str, job_id: str) -> tuple[Item, list[Item]]:
    """The job's own item, and what sorts behind it: its tallies."""
    key = job_key(job_id)
    fields = tuple(dict.fromkeys((*JOB_FIELDS, *COUNTED_FIELDS, "partitions")))
    found = _of(dynamodb, table, key["PK"]["S"], fields, first=key["SK"]["S"])
    return (found[0], found[1:]) if found and found[0]["SK"] == key["SK"] else ({}, [])


def _results(dynamodb: Any, table: str, job_id: str, partitions: int | None) -> list[Item]:
    """A job that is gone, or is of before it kept its number, may have as many as any."""
    keys = [f"{JOB}{job_id}#{number}" for number in range(partitions or FILE_PARTITIONS)]
    return [item for key in keys for item in _of(dynamodb, table, key, RESULT_FIELDS)]


def _of(dynamodb: Any, table: str, key: str, fields: tuple[str, ...], first: str = "") -> list[Item]:
    """Of a partition what sorts from ``first`` on."""
    from_there, values = (" AND SK >= :first", {":first": {"S": first}}) if first else ("", {})
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression=f"PK = :key{from_there}",
        ExpressionAttributeValues={":key": {"S": key}, **values},
        ConsistentRead=True,
        **projection(fields),
    )
    return [item for page in pages for item in page["Items"]]


def _result(item: Item) -> Result:
    return Result(
        file_id=int(item["SK"]["S"].removeprefix(FILE)),
        round=number(item, "round") or 1,
        error_code=text(item, "error_code"),
        size=number(item, "size"),
        at=moment(item, "at"),
        restored_by=moment(item, "ready_at"),
    )


def _attempt(item: Item) -> Attempt:
    version, _, place = item["SK"]["S"].partition("#")
    at = moment(item, "at")
    if at is None:
        raise ValueError("A delivery's item has no time.")
    return Attempt(
        int(version),
        int(place),
        at,
        text(item, "outcome") or "started",
        number(item, "status"),
        text(item, "failure"),
        number(item, "duration_ms"),
        moment(item, "next_at"),
    )
