"""Files that wait for their restore: an item each where its result will be, and its reverse."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from downloads.aws import file_items, items, spread, tallies
from downloads.aws.contention import Contention, Wait, real_wait
from downloads.aws.transactions import CONDITION_FAILED, refusals, replacing
from downloads.cold import RestoreRule
from downloads.file import RestoringFile
from downloads.model import Job, JobStatus

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# TransactWriteItems takes 100 items: two a file, the job, its ids and a tally, which tells watchers.
FILES_PER_TRANSACTION = 48
# What a wait may replace: what failed or waited in an earlier round, never a result.
OF_BEFORE = "((attribute_exists(error_code) OR attribute_exists(ready_at)) AND #round < :round)"


class Waits:
    """The part of the Jobs port that knows of restores."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        reread: Callable[[str], Job | None],
        settle: Callable[[str], object],
        pause: Wait = real_wait,
    ) -> None:
        self._client = client
        self._table = table
        self._reread = reread
        self._settle = settle
        self._pause = pause

    def wait(
        self, job: Job, files: Sequence[RestoringFile], rule: RestoreRule, now: datetime
    ) -> Collection[int]:
        """Raises ContendedError after eight refused transactions in which nothing moved."""
        current: Job | None = job
        noted: set[int] = set()
        contention = Contention(job.job_id, self._pause)
        left = {file.file_id: file for file in files if not self._known(job, file)}
        while left and current and not current.status.terminal and current.round == job.round:
            batch = list(left.values())[:FILES_PER_TRANSACTION]
            refused = self._write(current, batch, rule, now)
            if not refused:
                noted |= {file.file_id for file in batch}
            # Each file's own code comes first: its result was quicker, or another delivery of it.
            settled = [
                file
                for file, code in zip(batch, refused or [CONDITION_FAILED] * len(batch), strict=False)
                if code == CONDITION_FAILED
            ]
            left = {file_id: file for file_id, file in left.items() if file not in settled}
            if refused and refused[-1] == CONDITION_FAILED:
                # The tally is closed: who did that may have died before the job's end was written.
                self._settle(job.job_id)
            elif refused and not settled:
                contention.refused()
            current = self._reread(job.job_id) if left else None
        return noted

    def waiting_for(self, file_id: int) -> Sequence[str]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :file",
            ExpressionAttributeValues={":file": items.restore_key(file_id, "")["PK"]},
            ConsistentRead=True,
        )
        return [item["SK"]["S"].removeprefix(items.JOB_PREFIX) for page in pages for item in page["Items"]]

    def told(self, file_id: int, job_id: str) -> None:
        self._client.delete_item(TableName=self._table, Key=items.restore_key(file_id, job_id))

    def _known(self, job: Job, file: RestoringFile) -> bool:
        """Whether it is noted: a look in vain, of which there are many, is to cost a read and no write."""
        key = spread.file_key(job, file.file_id)
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return item is not None and file_items.recorded_of(item).stands(job)

    def _write(self, job: Job, files: Sequence[RestoringFile], rule: RestoreRule, now: datetime) -> list[str]:
        """Empty when written, else why not: a reason code for each file first."""
        after = job
        for file in files:
            after = after.restoring(file.ready_at, rule, now)
        expires_at = job.created_at + rule.results
        puts: list[Any] = [
            {"Put": replacing(self._table, job, file_items.file_item(job, file, expires_at, now), OF_BEFORE)}
            for file in files
        ]
        reverse: list[Any] = [
            {"Put": {"TableName": self._table, "Item": _reverse(file, after)}} for file in files
        ]
        lives: list[Any] = [
            {"Update": {"TableName": self._table, **outliving(job, after, now)}},
            {"Update": {"TableName": self._table, **_ids_outliving(after)}},
            {"Update": {"TableName": self._table, **tallies.counting(job, 0, files, now, expires_at)}},
        ]
        return refusals(self._client, [*puts, *reverse, *lives])


def outliving(job: Job, after: Job, now: datetime) -> items.Item:
    """The update that has a job outlive its restores.

    It fails when another has it outlive longer ones, so that no time is ever moved to an earlier one.
    """
    return {
        "Key": items.job_key(job.job_id),
        "UpdateExpression": "SET version = version + :one, restored_by = :restored_by, "
        "deadline_at = :deadline_at, expires_at = :expires_at",
        "ConditionExpression": "expires_at > :now_s AND expires_at <= :expires_at "
        "AND #status IN (:queued, :open) AND #round = :round "
        "AND (attribute_not_exists(restored_by) OR restored_by <= :restored_by) "
        "AND (attribute_not_exists(deadline_at) OR deadline_at <= :deadline_at)",
        "ExpressionAttributeNames": {"#status": "status", "#round": "round"},
        "ExpressionAttributeValues": items.to_values(
            {
                ":one": 1,
                ":restored_by": after.restored_by,
                ":deadline_at": after.deadline_at,
                ":expires_at": items.epoch_s(after.expires_at),
                ":now_s": items.epoch_s(now),
                ":queued": JobStatus.QUEUED,
                ":open": JobStatus.PROCESSING,
                ":round": job.round,
            }
        ),
    }


def _ids_outliving(after: Job) -> items.Item:
    return {
        "Key": items.job_key(after.job_id, items.IDS_SORT_KEY),
        "UpdateExpression": "SET expires_at = :expires_at",
        # An update of an item that is not there would make one, of a job without files.
        "ConditionExpression": "attribute_exists(PK)",
        "ExpressionAttributeValues": items.to_values({":expires_at": items.epoch_s(after.expires_at)}),
    }


def _reverse(file: RestoringFile, after: Job) -> items.Item:
    expires_at = {"expires_at": items.epoch_s(after.expires_at)}
    return items.restore_key(file.file_id, after.job_id) | items.to_values(expires_at)
