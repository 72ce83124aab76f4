"""The ids of a job's files and which are withheld: written once, so a warm function reads them once a job."""

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import items

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Of 10,000 ids at most: some megabytes in all.
MOST_JOBS = 16


@dataclass(frozen=True, slots=True)
class JobFiles:
    """Every id of a job, ascending, and those that its owner may not have."""

    all: tuple[int, ...] = ()
    withheld: frozenset[int] = frozenset()


def ids_item(
    job_id: str, file_ids: Sequence[int], withheld: Collection[int], expires_at: datetime
) -> items.Item:
    numbers = {"file_ids": file_ids, "withheld": withheld}
    # DynamoDB has no empty sets.
    sets = {name: {"NS": [str(one) for one in found]} for name, found in numbers.items() if found}
    return (
        items.job_key(job_id, items.IDS_SORT_KEY)
        | sets
        | items.to_values({"expires_at": items.epoch_s(expires_at)})
    )


class FileIds:
    """Reads and remembers them; a job that has none is not remembered, for it may be written yet."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table
        self._known: OrderedDict[str, JobFiles] = OrderedDict()

    def of(self, job_id: str) -> JobFiles:
        files = self._known.get(job_id) or self._read(job_id)
        if files.all:
            self._known[job_id] = files
            self._known.move_to_end(job_id)
        if len(self._known) > MOST_JOBS:
            self._known.popitem(last=False)
        return files

    def _read(self, job_id: str) -> JobFiles:
        key = items.job_key(job_id, items.IDS_SORT_KEY)
        reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        item = reply.get("Item", {})
        return JobFiles(tuple(_numbers(item, "file_ids")), frozenset(_numbers(item, "withheld")))


def _numbers(item: Mapping[str, Any], name: str) -> list[int]:
    return sorted(int(number) for number in item.get(name, {}).get("NS", []))
