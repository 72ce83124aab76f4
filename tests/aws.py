"""The table as the stack makes it: the adapters' tests need the same keys and index."""

from typing import Any

NAMES = {"PK": "S", "SK": "S", "open_shard": "S", "check_at": "N", "owner": "S", "created_at": "N"}

INDEXES = {"open-jobs": ("open_shard", "check_at"), "owner-jobs": ("owner", "created_at")}


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
