"""When connections have to end: a partition for each minute, so that nothing is ever scanned."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import translated

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The role of close_connections is limited to partitions that begin so: infra_cdk/connections.py.
PREFIX = "ENDS#"
MINUTE = timedelta(minutes=1)
# How far a run looks back: what was missed for longer is told nothing, and ends with API Gateway's two hours.
MINUTES_BACK = 15


class DynamoEndings:
    """The Endings port."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @translated
    def note(self, connection_id: str, ends_at: datetime) -> None:
        forgotten = ends_at + MINUTE * (MINUTES_BACK + 1)
        item = _key(connection_id, ends_at) | items.to_values(
            {"ends_at": ends_at, "expires_at": items.epoch_s(forgotten)}
        )
        self._client.put_item(TableName=self._table, Item=item)

    @translated
    def due(self, now: datetime) -> Sequence[tuple[str, datetime]]:
        minutes = [now - MINUTE * back for back in range(MINUTES_BACK, -1, -1)]
        return [ending for minute in minutes for ending in self._in(minute) if ending[1] <= now]

    @translated
    def forget(self, connection_id: str, ends_at: datetime) -> None:
        self._client.delete_item(TableName=self._table, Key=_key(connection_id, ends_at))

    def _in(self, minute: datetime) -> list[tuple[str, datetime]]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :minute",
            ExpressionAttributeValues={":minute": _partition(minute)},
        )
        found: list[dict[str, Any]] = [items.from_item(item) for page in pages for item in page["Items"]]
        return [
            (values["SK"].removeprefix(items.CONNECTION_PREFIX), items.moment(values["ends_at"]))
            for values in found
        ]


def _partition(moment: datetime) -> items.Item:
    return {"S": f"{PREFIX}{moment:%Y%m%d%H%M}"}


def _key(connection_id: str, ends_at: datetime) -> items.Item:
    return {"PK": _partition(ends_at), "SK": {"S": f"{items.CONNECTION_PREFIX}{connection_id}"}}
