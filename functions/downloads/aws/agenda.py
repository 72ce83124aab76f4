"""What the sweeper should look at: a sparse index of jobs with something left to do, never a scan."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "open-jobs"
SHARDS = "0123456789abcdef"
LEAVE_INDEX = "REMOVE open_shard, check_at"


class Agenda:
    """The part of the Jobs port that the sweeper and the notices of jobs' ends use."""

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

    def open_jobs(self) -> int:
        """How many jobs are in the index, of each shard at most the first megabyte: some 10,000."""
        return sum(self._count(digit) for digit in SHARDS)

    def drop(self, job_id: str, now: datetime) -> None:
        # Nothing when it is there after all, or its item is gone and the index late.
        self._note(job_id, LEAVE_INDEX, "expires_at <= :now", {":now": items.epoch_s(now)})

    def notified(self, job: Job) -> None:
        # Nothing when another did so first, and the job was reopened since.
        self._note(job.job_id, LEAVE_INDEX, "version = :version", {":version": job.version})

    def put_off(self, job: Job, check_at: datetime, sweeps: int) -> None:
        # Nothing when it ended meanwhile: then there is nothing to look at again.
        self._note(
            job.job_id,
            "SET check_at = :check_at, seen_version = :version, sweeps = :sweeps",
            "attribute_exists(open_shard) AND attribute_not_exists(completed_at)",
            {":check_at": check_at, ":version": job.version, ":sweeps": sweeps},
        )

    def _note(self, job_id: str, update: str, condition: str, values: Mapping[str, Any]) -> None:
        """An update that changes nothing where the condition does not hold."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=items.job_key(job_id),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=items.to_values(values),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def _count(self, digit: str) -> int:
        reply = self._client.query(
            TableName=self._table,
            IndexName=INDEX,
            Select="COUNT",
            KeyConditionExpression="open_shard = :shard",
            ExpressionAttributeValues=items.to_values({":shard": items.open_shard(digit)}),
        )
        return reply["Count"]

    def _due_in(self, digit: str, now: datetime, most: int) -> list[str]:
        reply = self._client.query(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="open_shard = :shard AND check_at <= :now",
            ExpressionAttributeValues=items.to_values({":shard": items.open_shard(digit), ":now": now}),
            Limit=most,
        )
        return [item["PK"]["S"].removeprefix(items.JOB_PREFIX) for item in reply["Items"]]
