"""An owner's jobs, newest first: positions from an index that holds keys only, jobs from the table.

The index is written once a job, for what it holds never changes; counters that do would be billed twice.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.errors import StateUnavailableError
from downloads.model import Job, JobPage, Place

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

INDEX = "owner-jobs"
# A throttled table answers a part; what is left after so many is told to the caller, who tries again.
MOST_READS = 3


class Listing:
    """The part of the Jobs port that lists."""

    def __init__(
        self, client: "DynamoDBClient", table: str, alive: Callable[[Mapping[str, Any] | None], Job | None]
    ) -> None:
        self._client = client
        self._table = table
        self._alive = alive

    def of(self, owner: str, limit: int, after: Place | None = None) -> JobPage:
        # The partition is always the caller's own: a forged place moves within it and nowhere else.
        more: Any = {"ExclusiveStartKey": _index_key(owner, after)} if after else {}
        reply = self._client.query(
            **of_owner(self._table, owner), ScanIndexForward=False, Limit=limit, **more
        )
        found = self._read([{"PK": item["PK"], "SK": item["SK"]} for item in reply["Items"]])
        last: Any = reply.get("LastEvaluatedKey")
        return JobPage([job for job in found if job.owner == owner], _place(last) if last else None)

    def _read(self, keys: Sequence[Any]) -> list[Job]:
        """The jobs that are still there, in the order of their keys; BatchGetItem takes 100."""
        found: dict[str, Job] = {}
        waiting: Any = {self._table: {"Keys": list(keys), "ConsistentRead": True}} if keys else {}
        for _ in range(MOST_READS):
            if not waiting:
                break
            reply = self._client.batch_get_item(RequestItems=waiting)
            for item in reply["Responses"].get(self._table, []):
                if job := self._alive(item):
                    found[item["PK"]["S"]] = job
            waiting = reply.get("UnprocessedKeys", {})
        if waiting:
            raise StateUnavailableError("keys stay unprocessed")
        return [found[key["PK"]["S"]] for key in keys if key["PK"]["S"] in found]


def of_owner(table: str, owner: str) -> Any:
    """A query of the index for one owner's jobs."""
    return {
        "TableName": table,
        "IndexName": INDEX,
        "KeyConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": items.to_values({":owner": owner}),
    }


def _index_key(owner: str, place: Place) -> items.Item:
    position = items.to_values({"owner": owner, "created_at": place.created_at})
    return items.job_key(place.job_id) | position


def _place(key: Mapping[str, Any]) -> Place:
    values = items.from_item(key)
    return Place(items.moment(values["created_at"]), values["PK"].removeprefix(items.JOB_PREFIX))
