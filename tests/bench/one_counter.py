"""How it was counted before, for comparison: a batch's files and the job's counters in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from downloads.aws import file_items, items
from downloads.aws.contention import Contention, Wait
from downloads.aws.counting import NO_RESULT
from downloads.aws.transactions import refusals, replacing
from downloads.file import FileResult
from downloads.model import Job


class OneCounter:
    """Every batch of a job meets every other on the job's item; all its files lie in one partition."""

    def __init__(self, client: Any, table: str, wait: Wait) -> None:
        self._client = client
        self._table = table
        self._wait = wait

    def record(self, job: Job, results: Sequence[FileResult], now: datetime) -> None:
        """Raises ContendedError after eight refused transactions."""
        partition = {"PK": items.job_key(job.job_id)["PK"]}
        kept_until = now + timedelta(days=7)
        puts = [
            replacing(
                self._table, job, file_items.file_item(job, one, kept_until, now) | partition, NO_RESULT
            )
            for one in results
        ]
        count = {
            "TableName": self._table,
            "Key": items.job_key(job.job_id),
            "UpdateExpression": "SET version = version + :one, completed = completed + :files",
            "ExpressionAttributeValues": items.to_values({":one": 1, ":files": len(results)}),
        }
        actions = [*({"Put": put} for put in puts), {"Update": count}]
        contention = Contention(job.job_id, self._wait)
        while refusals(self._client, actions):
            contention.refused()
            self._client.get_item(TableName=self._table, Key=items.job_key(job.job_id))
