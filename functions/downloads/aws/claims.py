"""Idempotency keys: a claim is written in the transaction that makes the job, so one key makes one job."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.claim import Claim
from downloads.errors import ClaimTakenError, ContendedError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient


def claim_key(owner: str, key: str) -> items.Item:
    return {"PK": {"S": f"CLAIM#{owner}"}, "SK": {"S": key}}


def claim_item(claim: Claim) -> items.Item:
    return claim_key(claim.owner, claim.key) | items.to_values(
        {
            "job_id": claim.job_id,
            "fingerprint": claim.fingerprint,
            "expires_at": items.epoch_s(claim.expires_at),
        }
    )


def claim_of(item: Mapping[str, Any]) -> Claim:
    values = items.from_item(item)
    expires_at = datetime.fromtimestamp(int(values["expires_at"]), UTC)
    owner = values["PK"].removeprefix("CLAIM#")
    return Claim(owner, values["SK"], values["fingerprint"], values["job_id"], expires_at)


def claiming(table: str, claim: Claim, now: datetime) -> Any:
    """A Put that takes a key nobody holds, or whose claim has expired."""
    return {
        "TableName": table,
        "Item": claim_item(claim),
        "ConditionExpression": "attribute_not_exists(PK) OR expires_at <= :now",
        "ExpressionAttributeValues": items.to_values({":now": items.epoch_s(now)}),
    }


class Claims:
    """The part of the Jobs port that looks claims up."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def standing(self, owner: str, key: str, now: datetime) -> Claim | None:
        reply = self._client.get_item(TableName=self._table, Key=claim_key(owner, key), ConsistentRead=True)
        claim = claim_of(reply["Item"]) if "Item" in reply else None
        return claim if claim and claim.expires_at > now else None

    def refused(self, claim: Claim, now: datetime, why: "ClientError") -> Exception:
        """What a refused transaction means: the key is taken, or a twin is writing at this moment."""
        standing = self.standing(claim.owner, claim.key, now)
        return ClaimTakenError(standing) if standing else ContendedError(str(why))
