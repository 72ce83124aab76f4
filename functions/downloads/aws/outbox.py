"""The outbox of notices: an ended job with a callback stays in the sweeper's index until its end is told."""

from datetime import datetime
from typing import TYPE_CHECKING

from downloads.aws import items
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

LEAVE_INDEX = "REMOVE open_shard, check_at"


def leaving(check_at: datetime | None) -> str:
    """How the update that ends a job goes on: in the index until ``:check_at``, or out of it."""
    return ", check_at = :check_at" if check_at else f" {LEAVE_INDEX}"


class Outbox:
    """The part of the Jobs port that notices use."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def notified(self, job: Job) -> None:
        try:
            self._client.update_item(
                TableName=self._table,
                Key=items.job_key(job.job_id),
                UpdateExpression=LEAVE_INDEX,
                ConditionExpression="version = :version",
                ExpressionAttributeValues=items.to_values({":version": job.version}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            # Another did so first, and the job was reopened since.
            return
