"""One-time tickets in DynamoDB: an item each, under the digest of the ticket."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import translated
from downloads.caller import Session
from downloads.ticket import Ticket

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The role of authorize_websocket is limited to partitions that begin so.
PREFIX = "TICKET#"
SORT_KEY = "TICKET"


class DynamoTickets:
    """The Tickets port: one conditional write a call, so that no two callers can both succeed."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @translated
    def issue(self, ticket: Ticket) -> None:
        self._client.put_item(TableName=self._table, Item=_item(ticket))

    @translated
    def redeem(self, digest: str, now: datetime, resume: str | None = None) -> Session | None:
        try:
            reply = self._client.update_item(**_redeeming(self._table, digest, now, resume))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # An answer that was lost made botocore write twice: the secret is new, so who stored it was us.
            stands: Any = error.response.get("Item", {})
            return _session_of(stands) if resume and stands.get("resume_digest") == {"S": resume} else None
        return _session_of(reply["Attributes"])

    @translated
    def resume(self, digest: str, secret: str, job_id: str, now: datetime) -> Session | None:
        values = {":secret": secret, ":job": job_id, ":now_s": items.epoch_s(now)}
        try:
            reply = self._client.update_item(
                TableName=self._table,
                Key=_key(digest),
                # Writes what stands already: the condition is the point, and nothing comes into the stream.
                UpdateExpression="SET resume_digest = :secret",
                ConditionExpression="resume_digest = :secret AND job_id = :job AND expires_at > :now_s",
                ExpressionAttributeValues=items.to_values(values),
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return _session_of(reply["Attributes"])


def _redeeming(table: str, digest: str, now: datetime, resume: str | None) -> Any:
    keep = ", resume_digest = :secret" if resume else ""
    return {
        "TableName": table,
        "Key": _key(digest),
        "UpdateExpression": f"SET used_at = :now{keep}",
        # TTL deletes within days: an old ticket is refused by its time, not by its absence.
        "ConditionExpression": "attribute_not_exists(used_at) AND valid_until > :now",
        "ExpressionAttributeValues": items.to_values({":now": now, ":secret": resume}),
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def _key(digest: str) -> items.Item:
    return {"PK": {"S": f"{PREFIX}{digest}"}, "SK": {"S": SORT_KEY}}


def _item(ticket: Ticket) -> items.Item:
    return _key(ticket.digest) | items.to_values(
        {
            "owner": ticket.session.owner,
            "job_id": ticket.session.job_id,
            "ends_at": ticket.session.ends_at,
            "valid_until": ticket.valid_until,
            "expires_at": items.epoch_s(ticket.kept_until),
        }
    )


def _session_of(item: Mapping[str, Any]) -> Session:
    values = items.from_item(item)
    return Session(values["owner"], items.moment_at(values, "ends_at"), values["job_id"])
