"""What the sweeper should look at: a sparse index of jobs with something left to do, never a scan."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from downloads.aws import items
from downloads.aws.outbox import LEAVE_INDEX
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "open-jobs"
SHARDS = "0123456789abcdef"


class Agenda:
    """The part of the Jobs port that the sweeper uses."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def due(self, now: datetime, most: int) -> Sequence[str]:
        found: list[str] = []
        # Each minute begins elsewhere, so that a crowd in one shard cannot starve the others.
        start = now.minute % len(SHARDS)
        for digit in SHARDS[start:] + SHARDS[:start]:
            if len(found) < most:
                found += self._due_in(digit, now, most - len(found))
        return found

    def drop(self, job_id: str, now: datetime) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=items.job_key(job_id),
                UpdateExpression=LEAVE_INDEX,
                ConditionExpression="expires_at <= :now",
                ExpressionAttributeValues=items.to_values({":now": items.epoch_s(now)}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            # It is there after all, or its item is gone and the index late.
            return

    def put_off(self, job: Job, check_at: datetime, sweeps: int) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=items.job_key(job.job_id),
                UpdateExpression="SET check_at = :check_at, seen_version = :version, sweeps = :sweeps",
                ConditionExpression="attribute_exists(open_shard) AND attribute_not_exists(completed_at)",
                ExpressionAttributeValues=items.to_values(
                    {":check_at": check_at, ":version": job.version, ":sweeps": sweeps}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            # It ended meanwhile: there is nothing to look at again.
            return

    def _due_in(self, digit: str, now: datetime, most: int) -> list[str]:
        reply = self._client.query(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="open_shard = :shard AND check_at <= :now",
            ExpressionAttributeValues=items.to_values({":shard": items.open_shard(digit), ":now": now}),
            Limit=most,
        )
        return [item["PK"]["S"].removeprefix(items.JOB_PREFIX) for item in reply["Items"]]
