"""What a download job is: its states, its counters, and what may follow what. Standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from downloads.file import FileResult, PreparedFile, Priority


class JobStatus(StrEnum):
    """The states of a job; the last three are terminal: nothing follows them."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        return self not in OPEN_STATUSES


OPEN_STATUSES = (JobStatus.QUEUED, JobStatus.PROCESSING)


@dataclass(frozen=True, slots=True)
class Job:
    """A download job. ``version`` grows by one with every change; ``completed + failed <= total`` always."""

    job_id: str
    owner: str
    priority: Priority
    total: int
    created_at: datetime
    expires_at: datetime
    status: JobStatus = JobStatus.QUEUED
    completed: int = 0
    failed: int = 0
    version: int = 1
    started_at: datetime | None = None
    completed_at: datetime | None = None
    callback_url: str | None = None

    @property
    def remaining(self) -> int:
        return self.total - self.completed - self.failed

    @property
    def percentage(self) -> int:
        """Files with a result, as whole percent, rounded down: 100 only when every file has one."""
        return 100 * (self.completed + self.failed) // self.total

    def begun(self, now: datetime) -> Self:
        """The job as its first batch starts; unchanged unless it is queued."""
        if self.status is not JobStatus.QUEUED:
            return self
        return replace(self, status=JobStatus.PROCESSING, started_at=now, version=self.version + 1)

    def counted(self, results: Sequence[FileResult], now: datetime) -> Self:
        """The job with ``results`` counted, each for the first time, and closed when they are its last."""
        ready = sum(isinstance(result, PreparedFile) for result in results)
        completed = self.completed + ready
        counted = replace(
            self,
            status=JobStatus.PROCESSING,
            started_at=self.started_at or now,
            completed=completed,
            failed=self.failed + len(results) - ready,
            version=self.version + 1,
        )
        if counted.remaining:
            return counted
        return replace(counted, status=closing_status(completed), completed_at=now)

    def cancelled(self, now: datetime) -> Self:
        return replace(self, status=JobStatus.CANCELLED, completed_at=now, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Wish:
    """A connection that named a job as it was opened; ``tries`` counts how often it was not there yet."""

    connection_id: str
    job_id: str
    tries: int = 0


def closing_status(completed: int) -> JobStatus:
    """How a job ends whose files all have a result: failed only when not one file could be prepared."""
    return JobStatus.COMPLETED if completed else JobStatus.FAILED
