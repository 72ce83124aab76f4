"""Progress counts exactly once: the results of a batch and their number in one conditional transaction."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from downloads.aws import file_items, items, spread, tallies
from downloads.aws.calls import CONFLICT
from downloads.aws.contention import Contention, Wait, real_wait
from downloads.aws.transactions import CONDITION_FAILED, refusals, replacing
from downloads.file import FileResult
from downloads.model import Job
from downloads.observed import Step, Tell, nobody

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# TransactWriteItems takes 100 items: this many files and a tally.
FILES_PER_TRANSACTION = 99
# What a result may replace: a failure of an earlier round, and what waits for its restore, in no later one.
NO_RESULT = (
    "(attribute_exists(error_code) AND #round < :round) OR (attribute_exists(ready_at) AND #round <= :round)"
)


class Counter:
    """Records results of a job and counts them, whatever is delivered twice or arrives at once."""

    def __init__(  # noqa: PLR0913, PLR0917 # the table, what it needs of others, and how it waits
        self,
        client: "DynamoDBClient",
        table: str,
        file_ttl: timedelta,
        reread: Callable[[str], Job | None],
        settle: Callable[[str], object],
        tell: Tell = nobody,
        wait: Wait = real_wait,
    ) -> None:
        self._client = client
        self._table = table
        self._file_ttl = file_ttl
        self._reread = reread
        self._settle = settle
        self._tell = tell
        self._wait = wait
        self._seat = _any_seat()

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
            if refused and refused[-1] == CONDITION_FAILED:
                # Its tallies are being closed: who did that may have died.
                self._settle(job.job_id)
            elif len(left) == len(batch):
                contention.refused()
            waiting = left + rest
            current = self._reread(job.job_id) if waiting else None

    def _write(self, job: Job, results: Sequence[FileResult], now: datetime) -> list[str]:
        """Empty when written, else why not: a reason code for each file and, last, for the tally."""
        expires_at = job.created_at + self._file_ttl
        number = int(self._seat * spread.of(job).tallies)
        stored = [file_items.file_item(job, result, expires_at, now) for result in results]
        puts: list[Any] = [{"Put": replacing(self._table, job, item, NO_RESULT)} for item in stored]
        count = tallies.counting(job, number, results, now, expires_at)
        refused = refusals(self._client, [*puts, {"Update": {"TableName": self._table, **count}}])
        if refused:
            if refused[-1] == CONFLICT:
                self._seat = _any_seat()
            return refused
        self._tell(Step(job, job.status, results))
        after = job.counted(results, now)
        if not after.remaining or after.gives_up:
            # As far as is known these were the last: nobody has to wait for the stream to tell.
            self._settle(job.job_id)
        return []


def _any_seat() -> float:
    """Which of a job's tallies a process counts in, 0 to 1: it stays there for as long as it is alone."""
    return random.random()  # noqa: S311 # no secret


def new_item(table: str, item: items.Item) -> Any:
    """A Put that refuses to replace an item."""
    return {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}


def _without_known(results: Sequence[FileResult], codes: Sequence[str]) -> list[FileResult]:
    # The tally's own code comes last and pairs with no file.
    return [result for result, code in zip(results, codes, strict=False) if code != CONDITION_FAILED]
