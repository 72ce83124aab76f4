"""Who watches which job: two small items a subscription, one a direction, both with a TTL.

Two plain writes, no transaction: the second alone makes a watcher, and a first one alone harms nobody.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import translated
from downloads.caller import Session
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
    def add(self, job_id: str, connection_id: str, ends_at: datetime | None, now: datetime) -> None:
        life = self._life(now) | items.to_values({"ends_at": ends_at})
        for key in items.connection_key(connection_id, job_id), items.watch_key(job_id, connection_id):
            self._client.put_item(TableName=self._table, Item=key | life)

    @translated
    def wish(self, wish: Wish, now: datetime) -> None:
        item = wish_item(wish) | self._life(now)
        self._client.put_item(TableName=self._table, Item=item)

    @translated
    def of(self, job_id: str, now: datetime) -> Sequence[str]:
        watching, now_ms = self._found(items.watch_key(job_id, "")), items.epoch_ms(now)
        return [
            item["SK"]["S"].removeprefix(items.CONNECTION_PREFIX)
            for item in watching
            if (ends_at := items.from_item(item).get("ends_at")) is None or ends_at > now_ms
        ]

    @translated
    def remove(self, job_id: str, connection_ids: Iterable[str]) -> None:
        for connection_id in connection_ids:
            self._forget(job_id, connection_id)

    @translated
    def leave(self, connection_id: str) -> None:
        for item in self._found(items.connection_key(connection_id, "")):
            self._forget(item["SK"]["S"].removeprefix(items.WATCH_PREFIX), connection_id)
        self._client.delete_item(TableName=self._table, Key=wish_key(connection_id))

    def _forget(self, job_id: str, connection_id: str) -> None:
        for key in items.watch_key(job_id, connection_id), items.connection_key(connection_id, job_id):
            self._client.delete_item(TableName=self._table, Key=key)

    def _life(self, now: datetime) -> items.Item:
        return items.to_values({"expires_at": items.epoch_s(now + self._ttl)})

    def _found(self, start: items.Item) -> list[Any]:
        """What a partition holds with sort keys that begin as this key's does."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :partition AND begins_with(SK, :start)",
            ExpressionAttributeValues={":partition": start["PK"], ":start": start["SK"]},
            ProjectionExpression="SK, ends_at",
            ConsistentRead=True,
        )
        return [item for page in pages for item in page["Items"]]


def wish_key(connection_id: str) -> items.Item:
    return {"PK": {"S": f"{items.CONNECTION_PREFIX}{connection_id}"}, "SK": {"S": items.WISH_SORT_KEY}}


def wish_item(wish: Wish) -> items.Item:
    session = {"owner": wish.session.owner, "ends_at": wish.session.ends_at, "only_job": wish.session.job_id}
    asked = {"job_id": wish.job_id, "tries": wish.tries}
    return wish_key(wish.connection_id) | items.to_values(asked | session)


def wish_of(item: Mapping[str, Any]) -> Wish:
    values = items.from_item(item)
    connection_id = values["PK"].removeprefix(items.CONNECTION_PREFIX)
    session = Session(values["owner"], items.moment_at(values, "ends_at"), values.get("only_job"))
    return Wish(connection_id, values["job_id"], session, int(values["tries"]))
