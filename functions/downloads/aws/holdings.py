"""All items of one owner, to be deleted: by index and partition, and by a look through the whole table."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import deliveries, items, spread, tallies
from downloads.aws.claims import claim_key
from downloads.aws.faults import translated
from downloads.aws.listing import of_owner
from downloads.errors import StateUnavailableError
from downloads.forget_ports import JobIds, Strays

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

JOBS_A_PAGE = 100
# BatchWriteItem's most.
WRITES_A_CALL = 25
# Of a throttled table: what is left after so many is told to the caller, who comes again.
MOST_WRITES = 8
SHOWN = "PK, SK, ready_at, closed_at, expires_at, #round, #total, #partitions, tallies"
NAMES = {f"#{name}": name for name in ("round", "total", "partitions")}


class DynamoHoldings:
    """The Holdings port."""

    def __init__(
        self, client: "DynamoDBClient", table: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock

    @translated
    def jobs(self, owner: str, after: str | None = None) -> JobIds:
        more: Any = {"ExclusiveStartKey": json.loads(after)} if after else {}
        reply = self._client.query(**of_owner(self._table, owner), Limit=JOBS_A_PAGE, **more)
        ids = [item["PK"]["S"].removeprefix(items.JOB_PREFIX) for item in reply["Items"]]
        return JobIds(ids, _place(reply))

    @translated
    def shred_job(self, job_id: str) -> int:
        partitions = self._close(job_id)
        watching = list(self._partition(items.watch_key(job_id, "")))
        reverse = [
            items.connection_key(item["SK"]["S"].removeprefix(items.CONNECTION_PREFIX), job_id)
            for item in watching
        ]
        told = list(self._partition({"PK": {"S": f"{deliveries.PREFIX}{job_id}"}}))
        found = [item for key in _of_job(job_id, partitions) for item in self._partition(key)]
        own = [item for item in found if "closed_at" not in item]
        waits = [
            items.restore_key(int(item["SK"]["S"].removeprefix(items.FILE_PREFIX)), job_id)
            for item in own
            if "ready_at" in item
        ]
        # The job's own item is the last: while it is there, the job is found, and its rest is tried again.
        own.sort(key=lambda item: item["SK"]["S"] == items.JOB_SORT_KEY)
        found = [*watching, *told, *own]
        bundles = [item for item in own if item["SK"]["S"] == items.CHECKPOINT_SORT_KEY]
        self._delete([*reverse, *waits, *(_key(item) for item in found if item not in bundles)])
        # Whoever hears of its end clears the archives of a job that is gone; broken off here, its TTL tells.
        self._delete([_key(item) for item in bundles])
        return len(found)

    def _close(self, job_id: str) -> int:
        """A batch that is under way meets closed tallies, which name nobody and go by their TTL.

        Answers with how many partitions its files may lie in: all that a job may have, unless it has more.
        """
        partitions = spread.MOST_PARTITIONS
        for item in self._partition(items.job_key(job_id)):
            if item["SK"]["S"] == items.JOB_SORT_KEY and {"round", "total", "expires_at"} <= item.keys():
                closed = tallies.all_closed(item, self._clock())
                self._write([{"PutRequest": {"Item": one}} for one in closed])
                partitions = max(partitions, spread.stored(items.from_item(item)).partitions)
        return partitions

    @translated
    def shred_account(self, owner: str) -> int:
        partitions = (claim_key(owner, ""), items.account_key(owner, ""))
        found = [_key(item) for start in partitions for item in self._partition(start)]
        self._delete(found)
        return len(found)

    @translated
    def shred_strays(self, owner: str, after: str | None = None) -> Strays:
        more: Any = {"ExclusiveStartKey": json.loads(after)} if after else {}
        reply = self._client.scan(
            TableName=self._table,
            FilterExpression="#owner = :owner",
            ExpressionAttributeNames={"#owner": "owner"},
            ExpressionAttributeValues=items.to_values({":owner": owner}),
            ProjectionExpression="PK, SK",
            **more,
        )
        found = [_key(item) for item in reply["Items"]]
        # A delivery knows its job when that is gone, and what the job left with it.
        jobs = {job_id for key in found if (job_id := _job_of(key))}
        deleted = sum(self.shred_job(job_id) for job_id in jobs)
        strays = [key for key in found if not _job_of(key)]
        self._delete(strays)
        return Strays(deleted + len(strays), reply["ScannedCount"], _place(reply))

    def _partition(self, key: Mapping[str, Any]) -> Iterator[Any]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :partition",
            ExpressionAttributeValues={":partition": key["PK"]},
            ProjectionExpression=SHOWN,
            ExpressionAttributeNames=NAMES,
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])

    def _delete(self, keys: Sequence[items.Item]) -> None:
        self._write([{"DeleteRequest": {"Key": key}} for key in keys])

    def _write(self, requests: Sequence[Any]) -> None:
        for first in range(0, len(requests), WRITES_A_CALL):
            waiting: Any = {self._table: requests[first : first + WRITES_A_CALL]}
            for _ in range(MOST_WRITES):
                waiting = self._client.batch_write_item(RequestItems=waiting).get("UnprocessedItems")
                if not waiting:
                    break
            if waiting:
                raise StateUnavailableError("writes stay unprocessed")


def _of_job(job_id: str, partitions: int) -> list[items.Item]:
    """Its own partition, and all that its files may lie in."""
    files = [items.files_key(job_id, number) for number in range(partitions)]
    return [*files, items.job_key(job_id)]


def _key(item: Mapping[str, Any]) -> items.Item:
    return {"PK": item["PK"], "SK": item["SK"]}


def _job_of(key: items.Item) -> str | None:
    """By the key alone: a connection may name a job in its item that is not its owner's."""
    for prefix in (items.JOB_PREFIX, deliveries.PREFIX):
        if key["PK"]["S"].startswith(prefix):
            return str(key["PK"]["S"].removeprefix(prefix))
    return None


def _place(reply: Mapping[str, Any]) -> str | None:
    last = reply.get("LastEvaluatedKey")
    return json.dumps(last) if last else None
