"""The record of webhook attempts: an item each, in a partition of the job's that holds nothing else."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import translated
from downloads.aws.items import moment
from downloads.caller import ANONYMOUS
from downloads.notice import Attempt, Failure, Outcome

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The role of deliver_webhook is limited to partitions that begin so: infra_cdk/webhooks.py.
PREFIX = "DELIVERY#"


class DynamoDeliveries:
    """The Deliveries port. ``ttl`` is how long an attempt is kept."""

    def __init__(self, client: "DynamoDBClient", table: str, ttl: timedelta = timedelta(days=7)) -> None:
        self._client = client
        self._table = table
        self._ttl = ttl

    @translated
    def of(self, job_id: str) -> Sequence[Attempt]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :job",
            ExpressionAttributeValues={":job": {"S": f"{PREFIX}{job_id}"}},
            ConsistentRead=True,
        )
        return [_attempt_of(item) for page in pages for item in page["Items"]]

    @translated
    def begin(self, attempt: Attempt) -> bool:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=self._item(attempt),
                ConditionExpression="attribute_not_exists(PK)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            # An answer that was lost made botocore write twice: what stands is this very attempt.
            stands: Any = error.response.get("Item")
            return bool(stands) and _attempt_of(stands) == _attempt_of(self._item(attempt))
        return True

    @translated
    def end(self, attempt: Attempt) -> None:
        self._client.put_item(TableName=self._table, Item=self._item(attempt))

    def _item(self, attempt: Attempt) -> items.Item:
        return _key(attempt) | items.to_values(
            {
                "at": attempt.at,
                "outcome": attempt.outcome,
                "next_at": attempt.next_at,
                "status": attempt.status,
                "failure": attempt.failure,
                "duration_ms": attempt.duration_ms,
                "owner": attempt.owner,
                "expires_at": items.epoch_s(attempt.at + self._ttl),
            }
        )


def _key(attempt: Attempt) -> items.Item:
    """Nine digits and three, so that text sorts as numbers do."""
    place = f"{attempt.version:09d}#{attempt.number:03d}"
    return {"PK": {"S": f"{PREFIX}{attempt.job_id}"}, "SK": {"S": place}}


def _attempt_of(item: Mapping[str, Any]) -> Attempt:
    values = items.from_item(item)
    version, number = values["SK"].split("#")
    return Attempt(
        job_id=values["PK"].removeprefix(PREFIX),
        version=int(version),
        number=int(number),
        at=moment(values["at"]),
        outcome=Outcome(values["outcome"]),
        next_at=moment(values["next_at"]) if "next_at" in values else None,
        status=int(values["status"]) if "status" in values else None,
        failure=Failure(values["failure"]) if "failure" in values else None,
        duration_ms=int(values["duration_ms"]) if "duration_ms" in values else None,
        # Written before jobs had owners: nobody's to read.
        owner=values.get("owner", ANONYMOUS),
    )
