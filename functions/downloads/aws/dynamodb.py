"""The state of jobs in DynamoDB, one item a thing: the job, its ids, each result."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from downloads.aws import items
from downloads.aws.agenda import Agenda
from downloads.aws.claims import claiming, refused_claim
from downloads.aws.counting import Counter, new_item
from downloads.aws.faults import translated
from downloads.aws.outbox import Outbox, leaving
from downloads.errors import ContendedError, DependencyDownError
from downloads.file import FileResult
from downloads.model import Claim, Job, JobStatus

BOTO_ERRORS = (BotoCoreError, ClientError)

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

STATUSES = {":queued": JobStatus.QUEUED, ":processing": JobStatus.PROCESSING}


def utc_now() -> datetime:
    return datetime.now(UTC)


class DynamoJobs:
    """The Jobs port on one table. ``file_ttl`` is how long a result is kept after its job was accepted."""

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        file_ttl: timedelta = timedelta(days=7),
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._client = client
        self._table = table
        self._clock = clock
        self.record = translated(Counter(client, table, file_ttl, self.get).record)
        agenda = Agenda(client, table)
        self.due, self.put_off = translated(agenda.due), translated(agenda.put_off)
        self.notified = translated(Outbox(client, table).notified)

    @translated
    def create(self, job: Job, file_ids: Sequence[int], claim: Claim | None = None) -> None:
        ids = items.job_key(job.job_id, items.IDS_SORT_KEY) | {
            "file_ids": {"NS": [str(file_id) for file_id in file_ids]},
            "expires_at": {"N": str(items.epoch_s(job.expires_at))},
        }
        puts: list[Any] = [
            {"Put": new_item(self._table, items.job_item(job))},
            {"Put": new_item(self._table, ids)},
        ]
        if claim:
            puts.append({"Put": claiming(self._table, claim, job.created_at)})
        try:
            self._client.transact_write_items(TransactItems=puts)
        except self._client.exceptions.TransactionCanceledException as error:
            if not claim:
                raise
            raise refused_claim(self._client, self._table, claim, error) from error

    @translated
    def get(self, job_id: str) -> Job | None:
        reply = self._client.get_item(TableName=self._table, Key=items.job_key(job_id), ConsistentRead=True)
        return self._alive(reply.get("Item"))

    @translated
    def file_ids(self, job_id: str) -> tuple[int, ...]:
        key = items.job_key(job_id, items.IDS_SORT_KEY)
        reply = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return tuple(
            sorted(int(number) for number in reply.get("Item", {}).get("file_ids", {}).get("NS", []))
        )

    @translated
    def results(self, job: Job, first: int, last: int) -> Mapping[int, FileResult]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :job AND SK BETWEEN :first AND :last",
            ExpressionAttributeValues={
                ":job": items.job_key(job.job_id)["PK"],
                ":first": {"S": items.file_sort_key(first)},
                ":last": {"S": items.file_sort_key(last)},
            },
            ConsistentRead=True,
        )
        found = [items.recorded_of(item) for page in pages for item in page["Items"]]
        return {one.result.file_id: one.result for one in found if one.stands(job)}

    @translated
    def swap(self, job: Job, changed: Job) -> None:
        try:
            self._client.put_item(
                TableName=self._table,
                Item=items.job_item(changed),
                ConditionExpression="version = :version",
                ExpressionAttributeValues=items.to_values({":version": job.version}),
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            raise ContendedError(job.job_id) from error

    @translated
    def begin(self, job: Job, now: datetime) -> Job:
        if job.status is not JobStatus.QUEUED:
            return job
        return self._move(job.begun(now), [":queued"], "started_at = :now", now) or job

    @translated
    def cancel(self, job_id: str, now: datetime) -> Job | None:
        job = self.get(job_id)
        if job is None or job.status.terminal:
            return job
        ended = job.cancelled(now)
        return self._move(ended, list(STATUSES), f"completed_at = :now{leaving(ended.check_at)}", now)

    def ping(self) -> None:
        """Reads a key that no job has. Raises DependencyDownError."""
        try:
            self._client.get_item(TableName=self._table, Key=items.job_key("health"))
        except BOTO_ERRORS as error:
            raise DependencyDownError from error

    def _move(self, after: Job, expected: Sequence[str], moment: str, now: datetime) -> Job | None:
        """The job after the move, or as it stands when it is in no expected status."""
        values = {":to": after.status, ":now": now, ":now_s": items.epoch_s(now), ":one": 1}
        values |= {":check_at": after.check_at if after.notice_due else None}
        try:
            reply = self._client.update_item(
                TableName=self._table,
                Key=items.job_key(after.job_id),
                UpdateExpression=f"SET #status = :to, version = version + :one, {moment}",
                ConditionExpression=f"expires_at > :now_s AND #status IN ({', '.join(expected)})",
                ExpressionAttributeNames={"#status": "status"},
                ExpressionAttributeValues=items.to_values(
                    values | {name: STATUSES[name] for name in expected}
                ),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as error:
            stands: Any = error.response.get("Item")
            return self._alive(stands)
        return items.job_of(reply["Attributes"])

    def _alive(self, item: Mapping[str, Any] | None) -> Job | None:
        # TTL deletes within days: until then a reader treats an expired item as gone.
        job = items.job_of(item) if item else None
        return job if job and job.expires_at > self._clock() else None
