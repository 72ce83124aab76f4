"""Who watches which job: two small items a subscription, one a direction, both with a TTL.

Two plain writes, no transaction: the second alone makes a watcher, and a first one alone harms nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import translated
from downloads.model import Wish

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoWatchers:
    """The Watchers port. ``ttl`` is the longest life of a connection: two hours at API Gateway."""

    def __init__(self, client: "DynamoDBClient", table: str, ttl: timedelta = timedelta(hours=2)) -> None:
        self._client = client
        self._table = table
        self._ttl = ttl

    @translated
    def add(self, job_id: str, connection_id: str, now: datetime) -> None:
        for key in items.connection_key(connection_id, job_id), items.watch_key(job_id, connection_id):
            self._client.put_item(TableName=self._table, Item=key | self._life(now))

    @translated
    def wish(self, wish: Wish, now: datetime) -> None:
        item = wish_item(wish) | self._life(now)
        self._client.put_item(TableName=self._table, Item=item)

    @translated
    def of(self, job_id: str) -> Sequence[str]:
        keys = self._sort_keys(items.watch_key(job_id, ""))
        return [key.removeprefix(items.CONNECTION_PREFIX) for key in keys]

    @translated
    def remove(self, job_id: str, connection_ids: Iterable[str]) -> None:
        for connection_id in connection_ids:
            self._forget(job_id, connection_id)

    @translated
    def leave(self, connection_id: str) -> None:
        for key in self._sort_keys(items.connection_key(connection_id, "")):
            self._forget(key.removeprefix(items.WATCH_PREFIX), connection_id)
        self._client.delete_item(TableName=self._table, Key=wish_key(connection_id))

    def _forget(self, job_id: str, connection_id: str) -> None:
        for key in items.watch_key(job_id, connection_id), items.connection_key(connection_id, job_id):
            self._client.delete_item(TableName=self._table, Key=key)

    def _life(self, now: datetime) -> items.Item:
        return items.to_values({"expires_at": items.epoch_s(now + self._ttl)})

    def _sort_keys(self, start: items.Item) -> list[str]:
        """The sort keys of a partition that begin as this key's does."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :partition AND begins_with(SK, :start)",
            ExpressionAttributeValues={":partition": start["PK"], ":start": start["SK"]},
            ProjectionExpression="SK",
            ConsistentRead=True,
        )
        return [item["SK"]["S"] for page in pages for item in page["Items"]]


def wish_key(connection_id: str) -> items.Item:
    return {"PK": {"S": f"{items.CONNECTION_PREFIX}{connection_id}"}, "SK": {"S": items.WISH_SORT_KEY}}


def wish_item(wish: Wish) -> items.Item:
    return wish_key(wish.connection_id) | items.to_values({"job_id": wish.job_id, "tries": wish.tries})


def wish_of(item: Mapping[str, Any]) -> Wish:
    values = items.from_item(item)
    connection_id = values["PK"].removeprefix(items.CONNECTION_PREFIX)
    return Wish(connection_id, values["job_id"], int(values["tries"]))
