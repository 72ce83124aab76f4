"""The job's own item: read with what is counted beside it, and written by compare-and-swap on its version.

Whoever settles a job writes down the sum of its tallies, and so the job's end: publish_progress with each
batch of the stream, the worker that recorded the last result, sweep_jobs, a cancel. Of several at once one
wins, and all would have written the same.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import items, spread, tallies
from downloads.aws.contention import Contention, Wait, real_wait
from downloads.aws.job_items import ANNOUNCED, job_item
from downloads.changes import Settled
from downloads.errors import ContendedError
from downloads.model import Job, JobStatus
from downloads.observed import Step, Tell, nobody
from downloads.tallied import Tallied

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Alive = Callable[[Mapping[str, Any] | None], Job | None]


class Settling:
    """The part of the Jobs port that reads a job, and changes it as a whole."""

    def __init__(  # noqa: PLR0913, PLR0917 # the table, what it needs of others, and how it waits
        self,
        client: "DynamoDBClient",
        table: str,
        alive: Alive,
        clock: Callable[[], datetime],
        tell: Tell = nobody,
        pause: Wait = real_wait,
    ) -> None:
        self._client = client
        self._table = table
        self._alive = alive
        self._clock = clock
        self._tell = tell
        self._pause = pause

    def get(self, job_id: str) -> Job | None:
        stored, tallied = self._read(job_id)
        # Who closed the tallies may not be the next to write: nobody sees an end before it is written.
        return stored.settled(replace(tallied, closed=False)) if stored and tallied else stored

    def settle(self, job_id: str, *, announced: bool = False) -> Settled | None:
        contention = Contention(job_id, self._pause)
        while True:
            stored, tallied = self._read(job_id)
            if stored is None:
                return None
            after = stored.settled(tallied) if tallied else stored
            if not after.status.terminal and (after.gives_up or (tallied and tallied.closing)):
                # It ends early: nothing may be counted any more once that is written.
                self._close(after, self._clock())
                continue
            if after is stored:
                return Settled(stored, None)
            try:
                self._put(stored, after, announced=announced)
            except ContendedError:
                contention.refused()
            else:
                return Settled(after, stored.version)

    def swap(self, job: Job, changed: Job) -> None:
        # What was counted since it was written down last is in the version of `job`.
        self.settle(job.job_id)
        self._put(job, changed)

    def begin(self, job: Job, now: datetime) -> Job:
        if job.status is not JobStatus.QUEUED:
            return job
        begun = job.begun(now)
        try:
            self._put(job, begun)
        except ContendedError:
            # Another batch was the first, or it is cancelled.
            return self.get(job.job_id) or job
        return begun

    def cancel(self, job_id: str, owner: str, now: datetime) -> Job | None:
        job = self.get(job_id)
        if job is None or job.owner != owner:
            return None
        if not job.status.terminal:
            self._close(job, now)
        settled = self.settle(job_id)
        return settled.job if settled else None

    def _read(self, job_id: str) -> tuple[Job | None, Tallied | None]:
        """The job as it is written down, and what is counted beside it: nothing sorts between them."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :pk AND SK >= :sk",
            ExpressionAttributeValues={
                f":{name.lower()}": value for name, value in items.job_key(job_id).items()
            },
            ConsistentRead=True,
        )
        found = [item for page in pages for item in page["Items"]]
        job = self._alive(found[0]) if found and found[0]["SK"]["S"] == items.JOB_SORT_KEY else None
        return job, tallies.summed(job, found[1:]) if job else None

    def _put(self, before: Job, after: Job, *, announced: bool = False) -> None:
        """Raises ContendedError when the item is of another version than ``before``.

        ``announced`` marks a version that its writer tells watchers of, so that its stream record need not.
        """
        mark = items.to_values({ANNOUNCED: after.version}) if announced else {}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=job_item(after) | mark,
                ConditionExpression="version = :version AND #owner = :owner",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues=items.to_values(
                    {":version": before.version, ":owner": before.owner}
                ),
            )
        except (
            self._client.exceptions.ConditionalCheckFailedException,
            self._client.exceptions.TransactionConflictException,
        ) as error:
            raise ContendedError(before.job_id) from error
        self._tell(Step(after, before.status))

    def _close(self, job: Job, now: datetime) -> None:
        """Closes the tallies one by one; whoever finds some closed goes on with the others."""
        for number in range(spread.of(job).tallies):
            contention = Contention(job.job_id, self._pause)
            while not self._closed(tallies.closing(job, number, now)):
                contention.refused()

    def _closed(self, update: Any) -> bool:
        """False when a batch is being counted in it at this moment."""
        try:
            self._client.update_item(TableName=self._table, **update)
        except self._client.exceptions.ConditionalCheckFailedException:
            return True
        except self._client.exceptions.TransactionConflictException:
            return False
        return True
