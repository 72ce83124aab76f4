"""The table as the stack makes it: the adapters' tests need the same keys and index."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from downloads.aws.dynamodb import utc_now
from downloads.aws.recording import RecordingDynamoJobs

NAMES = {"PK": "S", "SK": "S", "open_shard": "S", "check_at": "N", "owner": "S", "created_at": "N"}

INDEXES = {"open-jobs": ("open_shard", "check_at"), "owner-jobs": ("owner", "created_at")}


FILE_TTL = timedelta(days=7)


def dynamo_jobs(client: Any, table: str, clock: Callable[[], datetime] = utc_now) -> RecordingDynamoJobs:
    """As those have them who record results."""
    return RecordingDynamoJobs(client, table, FILE_TTL, clock)


def create_table(client: Any, name: str) -> None:
    client.create_table(
        TableName=name,
        KeySchema=_keys("PK", "SK"),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": kind} for name, kind in NAMES.items()],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": _keys(*keys),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index, keys in INDEXES.items()
        ],
        BillingMode="PAY_PER_REQUEST",
    )


def _keys(partition: str, sort: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]
