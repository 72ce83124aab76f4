"""The open jobs of each account: a map of job ids in one item, so that its size can be a condition.

Nothing is written when a job ends: once all places are taken, those of ended jobs are found and cleared.
Looked at are the jobs' items alone, all in one call, and not what is counted beside them, which would be a
query each: a job whose last result is counted keeps its place until its end is written, by the stream's
consumer or, while that is down, the sweeper. A place may be free some moments late, never too early.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from downloads.allowance import UNWRITTEN
from downloads.aws import items
from downloads.errors import ContendedError, TooManyOpenJobsError
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Parallel calls of one account take what another cleared: each round of it lets at least one of them in.
MOST_TRIES = 8


class Places:
    """The part of the Allowances port that counts open jobs."""

    def __init__(self, client: "DynamoDBClient", table: str, most_open: int) -> None:
        self._client = client
        self._table = table
        self._most_open = most_open

    def reserve(self, account: str, job: Job, now: datetime) -> None:
        for _ in range(MOST_TRIES):
            taken = self._take(account, job, now)
            if taken is None:
                return
            if not taken:
                self._begin(account)
            elif not self._clear(account, taken, now):
                raise TooManyOpenJobsError(self._most_open)
        raise ContendedError(job.job_id)

    def release(self, account: str, job: Job) -> None:
        self._update(account, "REMOVE #open.#job", {"#job": job.job_id}, {})

    def _take(self, account: str, job: Job, now: datetime) -> Mapping[str, int] | None:
        """None when there was a place, else who has them since when: nobody, in an account that is new."""
        try:
            self._update(
                account,
                "SET #open.#job = :now, expires_at = :expires_at",
                {"#job": job.job_id},
                {":now": now, ":expires_at": _kept_until(job, now), ":most": self._most_open},
                "attribute_exists(#open) AND (attribute_exists(#open.#job) OR size(#open) < :most)",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            stands: Any = error.response.get("Item", {})
            return {name: int(since) for name, since in items.from_item(stands).get("open", {}).items()}
        return None

    def _begin(self, account: str) -> None:
        self._update(account, "SET #open = if_not_exists(#open, :none)", {}, {":none": {}})

    def _clear(self, account: str, taken: Mapping[str, int], now: datetime) -> bool:
        """Whether any place was taken in vain: by a job that has ended, is gone, or was never written."""
        written = self._read(list(taken), now)
        vain = {job_id: since for job_id, since in taken.items() if _in_vain(since, written.get(job_id), now)}
        if vain:
            self._take_back(account, vain)
        return bool(vain)

    def _read(self, job_ids: list[str], now: datetime) -> dict[str, Mapping[str, Any]]:
        """What is there of each job; one that could not be read says nothing of its end, and so is open."""
        reply = self._client.batch_get_item(
            RequestItems={
                self._table: {
                    "Keys": [items.job_key(job_id) for job_id in job_ids],
                    "ConsistentRead": True,
                    "ProjectionExpression": "PK, completed_at, expires_at",
                }
            }
        )
        left: Any = reply.get("UnprocessedKeys", {})
        unread = left.get(self._table, {}).get("Keys", [])
        read = [items.from_item(item) for item in reply["Responses"].get(self._table, [])]
        alive = [values for values in read if values["expires_at"] > items.epoch_s(now)]
        found = [*alive, *(items.from_item(key) for key in unread)]
        return {values["PK"].removeprefix(items.JOB_PREFIX): values for values in found}

    def _take_back(self, account: str, vain: Mapping[str, int]) -> None:
        """Clears places, unless one was taken anew since they were looked at, as a retry may have done."""
        names = {f"#job{number}": job_id for number, job_id in enumerate(vain)}
        values = {f":since{number}": since for number, since in enumerate(vain.values())}
        unchanged = [f"#open.{name} = {since}" for name, since in zip(names, values, strict=True)]
        paths = ", ".join(f"#open.{name}" for name in names)
        with suppress(self._client.exceptions.ConditionalCheckFailedException):
            self._update(account, f"REMOVE {paths}", names, values, " AND ".join(unchanged))

    def _update(
        self,
        account: str,
        update: str,
        names: Mapping[str, str],
        values: Mapping[str, Any],
        condition: str = "",
    ) -> None:
        more: Any = {"ExpressionAttributeValues": items.to_values(values)} if values else {}
        if condition:
            more |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        self._client.update_item(
            TableName=self._table,
            Key=items.account_key(account, "OPEN"),
            UpdateExpression=update,
            ExpressionAttributeNames={"#open": "open", **names},
            **more,
        )


def _kept_until(job: Job, now: datetime) -> int:
    """As long as any job may live that starts now: an older job must not make the item forget the younger."""
    return items.epoch_s(now + (job.expires_at - job.created_at))


def _in_vain(since_ms: int, job: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether the place taken at ``since_ms`` holds no open job.

    A young one may be that of a job that is not written yet, or not reopened yet.
    """
    young = since_ms >= items.epoch_ms(now - UNWRITTEN)
    if job is None:
        return not young
    if "completed_at" not in job:
        return False
    return not (young and since_ms > int(job["completed_at"]))
