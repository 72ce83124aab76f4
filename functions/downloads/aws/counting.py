"""Progress counts exactly once: results and counters in one conditional transaction."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from downloads.aws import file_items, items
from downloads.aws.agenda import leaving
from downloads.aws.contention import Contention, Wait, real_wait
from downloads.aws.job_items import bundle_value
from downloads.aws.transactions import CONDITION_FAILED, refusals, replacing
from downloads.file import FileResult
from downloads.model import Job, JobStatus
from downloads.observed import Step, Tell, nobody

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# TransactWriteItems takes 100 items: this many files and the job.
FILES_PER_TRANSACTION = 99
ADDS_UP = "#status IN (:queued, :open) AND remaining > :files AND #round = :round"
# What a result may replace: a failure of an earlier round, and what waits for its restore.
NO_RESULT = "(attribute_exists(error_code) AND #round < :round) OR attribute_exists(ready_at)"


class Counter:
    """Records results of a job and counts them, whatever is delivered twice or arrives at once."""

    def __init__(  # noqa: PLR0913, PLR0917 # the table, what it needs of others, and how it waits
        self,
        client: "DynamoDBClient",
        table: str,
        file_ttl: timedelta,
        reread: Callable[[str], Job | None],
        tell: Tell = nobody,
        wait: Wait = real_wait,
    ) -> None:
        self._wait = wait
        self._client = client
        self._table = table
        self._file_ttl = file_ttl
        self._reread = reread
        self._tell = tell

    def record(self, job: Job, results: Sequence[FileResult], now: datetime) -> None:
        """Raises ContendedError after eight refused transactions in which nothing moved."""
        # Two deliveries of one file can share a batch, and a transaction takes an item only once.
        waiting = list({result.file_id: result for result in reversed(results)}.values())[::-1]
        current: Job | None = job
        contention = Contention(job.job_id, self._wait)
        while waiting and current and not current.status.terminal and current.round == job.round:
            batch, rest = waiting[:FILES_PER_TRANSACTION], waiting[FILES_PER_TRANSACTION:]
            refused = self._write(current, batch, now)
            left = _without_known(batch, refused) if refused else []
            if len(left) == len(batch):
                contention.refused()
            waiting = left + rest
            current = self._reread(job.job_id) if waiting else None

    def _write(self, job: Job, results: Sequence[FileResult], now: datetime) -> list[str]:
        """Empty when written, else why not: a reason code for each file and, last, for the job."""
        expires_at = job.created_at + self._file_ttl
        puts: list[Any] = [
            {
                "Put": replacing(
                    self._table, job, file_items.file_item(job, result, expires_at, now), NO_RESULT
                )
            }
            for result in results
        ]
        update: Any = {"TableName": self._table, **count_update(job, results, now)}
        refused = refusals(self._client, [*puts, {"Update": update}])
        if not refused:
            self._tell(Step(job.counted(results, now), job.status, results))
        return refused


def new_item(table: str, item: items.Item) -> Any:
    """A Put that refuses to replace an item."""
    return {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}


def count_update(job: Job, results: Sequence[FileResult], now: datetime) -> items.Item:
    """The update that counts ``results``; it fails when another write made ``job`` out of date.

    Batches that leave files open add up in any order. The batch that takes the last ones must have
    seen all others, so that the job is closed in the very write that completes it.
    """
    after = job.counted(results, now)
    # Its last results: they end the job, or make its bundle due.
    closing = after.status.terminal or after.bundle_due
    values = {
        ":status": after.status,
        ":now": now,
        ":one": 1,
        ":files": len(results),
        ":completed": after.completed - job.completed,
        ":failed": after.failed - job.failed,
        ":now_s": items.epoch_s(now),
        ":check_at": after.check_at if closing else None,
        ":bundle": bundle_value(after.bundle) if closing else None,
        ":deadline_at": after.deadline_at if after.bundle_due else None,
    }
    # Of a job that is queued as far as is known, the first batch must be seen to be it: it begins the job.
    exact = closing or job.status is JobStatus.QUEUED
    open_ones = {":queued": JobStatus.QUEUED, ":open": JobStatus.PROCESSING, ":round": job.round}
    guard = {":version": job.version} if exact else open_ones
    return {
        "Key": items.job_key(job.job_id),
        "UpdateExpression": "SET #status = :status, started_at = if_not_exists(started_at, :now), "
        "version = version + :one, remaining = remaining - :files, "
        "completed = completed + :completed, failed = failed + :failed"
        + (_closing(after) if closing else ""),
        "ConditionExpression": "expires_at > :now_s AND " + ("version = :version" if exact else ADDS_UP),
        "ExpressionAttributeNames": {"#status": "status"} | ({} if exact else {"#round": "round"}),
        "ExpressionAttributeValues": items.to_values(values | guard),
    }


def _closing(after: Job) -> str:
    """What the last results change besides the counters."""
    bundle = ", bundle = :bundle" if after.bundle else ""
    if after.bundle_due:
        return f"{bundle}, deadline_at = :deadline_at, check_at = :check_at"
    return f"{bundle}, completed_at = :now{leaving(after.check_at)}"


def _without_known(results: Sequence[FileResult], codes: Sequence[str]) -> list[FileResult]:
    # The job's own code comes last and pairs with no file.
    return [result for result, code in zip(results, codes, strict=False) if code != CONDITION_FAILED]
