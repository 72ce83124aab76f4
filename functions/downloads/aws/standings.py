"""How the files of a job stand, read from the partitions that they are spread over."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from downloads.aws import items, spread
from downloads.aws.file_items import recorded_of
from downloads.file import FileStanding
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Standings:
    """The part of the Jobs port that reads results."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def of(self, job: Job, first: int, last: int) -> Mapping[int, FileStanding]:
        keys = (
            [spread.file_key(job, first)]
            if first == last
            else [items.files_key(job.job_id, number) for number in range(spread.of(job).partitions)]
        )
        recorded = [recorded_of(item) for key in keys for item in self._read(key["PK"], first, last)]
        standing = {one.result.file_id: one.result for one in recorded if one.stands(job)}
        return dict(sorted(standing.items()))

    def _read(self, partition: Any, first: int, last: int) -> list[Any]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :files AND SK BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":files": partition,
                ":first": {"S": items.file_sort_key(first)},
                ":last": {"S": items.file_sort_key(last)},
            },
            ConsistentRead=True,
        )
        return [item for page in pages for item in page["Items"]]
