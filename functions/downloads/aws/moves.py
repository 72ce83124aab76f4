"""A job's moves from one status to another that no result brings about: its begin and its cancel."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.agenda import leaving
from downloads.aws.contention import Contention
from downloads.aws.job_items import job_of
from downloads.model import Job, JobStatus
from downloads.observed import Step, Tell, nobody

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATUSES = {":queued": JobStatus.QUEUED, ":processing": JobStatus.PROCESSING}
Alive = Callable[[Mapping[str, Any] | None], Job | None]


class Moves:
    """The part of the Jobs port that begins and cancels. Raises ContendedError after eight conflicts."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        alive: Alive,
        get: Callable[[str], Job | None],
        tell: Tell = nobody,
    ) -> None:
        self._client = client
        self._table = table
        self._alive = alive
        self._get = get
        self._tell = tell

    def begin(self, job: Job, now: datetime) -> Job:
        if job.status is not JobStatus.QUEUED:
            return job
        return self._move(job, job.begun(now), [":queued"], "started_at = :now", now) or job

    def cancel(self, job_id: str, owner: str, now: datetime) -> Job | None:
        job = self._get(job_id)
        if job is None or job.owner != owner:
            return None
        if job.status.terminal:
            return job
        ended = job.cancelled(now)
        # How far it is may have changed since it was read, and says what is to be cleared away.
        bundle = "bundle.s = :bundle, bundle.e = :why, " if ended.bundle else ""
        moment = f"{bundle}completed_at = :now{leaving(ended.check_at)}"
        return self._move(job, ended, list(STATUSES), moment, now)

    def _move(  # from what to what, under which condition, with what more
        self, before: Job, after: Job, expected: Sequence[str], moment: str, now: datetime
    ) -> Job | None:
        """The job after the move, or as it stands when it is in no expected status."""
        update = _update(self._table, after, expected, moment, now)
        contention = Contention(after.job_id)
        while True:
            try:
                moved = job_of(self._client.update_item(**update)["Attributes"])
            except self._client.exceptions.ConditionalCheckFailedException as error:
                stands: Any = error.response.get("Item")
                return self._alive(stands)
            except self._client.exceptions.TransactionConflictException:
                # A batch of results is being counted at this moment.
                contention.refused()
            else:
                self._tell(Step(moved, before.status))
                return moved


def _update(table: str, after: Job, expected: Sequence[str], moment: str, now: datetime) -> Any:
    values = {":to": after.status, ":now": now, ":now_s": items.epoch_s(now), ":one": 1}
    values |= {":check_at": after.check_at if after.notice_due else None, ":owner": after.owner}
    if after.bundle and after.status.terminal:
        values |= {":bundle": after.bundle.status, ":why": after.bundle.error}
    return {
        "TableName": table,
        "Key": items.job_key(after.job_id),
        "UpdateExpression": f"SET #status = :to, version = version + :one, {moment}",
        "ConditionExpression": "expires_at > :now_s AND #owner = :owner "
        f"AND #status IN ({', '.join(expected)})",
        "ExpressionAttributeNames": {"#status": "status", "#owner": "owner"},
        "ExpressionAttributeValues": items.to_values(values | {name: STATUSES[name] for name in expected}),
        "ReturnValues": "ALL_NEW",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
