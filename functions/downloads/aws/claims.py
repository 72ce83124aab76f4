"""Idempotency keys: a claim is written in the transaction that makes the job, so one key makes one job."""

from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.errors import ClaimTakenError, ContendedError
from downloads.model import Claim

if TYPE_CHECKING:
    from datetime import datetime

    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient


def claiming(table: str, claim: Claim, now: "datetime") -> Any:
    """A Put that takes a key nobody holds, or whose claim has expired."""
    return {
        "TableName": table,
        "Item": items.claim_item(claim),
        "ConditionExpression": "attribute_not_exists(PK) OR expires_at <= :now",
        "ExpressionAttributeValues": items.to_values({":now": items.epoch_s(now)}),
    }


def refused_claim(client: "DynamoDBClient", table: str, claim: Claim, why: "ClientError") -> Exception:
    """What a refused transaction means: the key is taken, or a twin is writing at this moment."""
    key = items.claim_key(claim.owner, claim.key)
    reply = client.get_item(TableName=table, Key=key, ConsistentRead=True)
    if "Item" in reply:
        return ClaimTakenError(items.claim_of(reply["Item"]))
    return ContendedError(str(why))
