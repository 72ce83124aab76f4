"""The ids of a job's files: written once, so a warm function reads them once a job."""

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from downloads.aws import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Of 10,000 ids at most: some megabytes in all.
MOST_JOBS = 16


class FileIds:
    """Reads and remembers them; a job that has none is not remembered, for it may be written yet."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._known: OrderedDict[str, tuple[int, ...]] = OrderedDict()

    def of(self, job_id: str) -> tuple[int, ...]:
        file_ids = self._known.get(job_id) or self._read(job_id)
        if file_ids:
            self._known[job_id] = file_ids
            self._known.move_to_end(job_id)
        if len(self._known) > MOST_JOBS:
            self._known.popitem(last=False)
        return file_ids

    def _read(self, job_id: str) -> tuple[int, ...]:
        key = items.job_key(job_id, items.IDS_SORT_KEY)
        reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        numbers: Any = reply.get("Item", {}).get("file_ids", {}).get("NS", [])
        return tuple(sorted(int(number) for number in numbers))
