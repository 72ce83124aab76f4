"""The body of a message that has an ended job kept."""

from datetime import datetime
from uuid import UUID

from downloads.contracts.base import Count, Message, Number
from downloads.file import Priority
from downloads.model import Job, JobStatus, OnError
from downloads.trace import Origin


class HistoryMessage(Message, omit_defaults=True):
    """A job as it ended: it may be gone from the table before the message is taken. Its files are not."""

    jobId: UUID
    owner: str
    status: JobStatus
    priority: Priority
    onError: OnError
    round: Number
    version: Number
    total: Number
    completed: Count
    failed: Count
    createdAt: datetime
    startedAt: datetime | None = None
    completedAt: datetime
    expiresAt: datetime

    @classmethod
    def of(cls, job: Job) -> "HistoryMessage":
        """Of an ended job. Raises ValueError for one that has no end."""
        if job.completed_at is None:
            raise ValueError("the job goes on")
        return cls(
            jobId=UUID(job.job_id),
            owner=job.owner,
            status=job.status,
            priority=job.priority,
            onError=job.on_error,
            round=job.round,
            version=job.version,
            total=job.total,
            completed=job.completed,
            failed=job.failed,
            createdAt=job.created_at,
            startedAt=job.started_at,
            completedAt=job.completed_at,
            expiresAt=job.expires_at,
        )

    def job(self, origin: Origin | None = None) -> Job:
        """``origin`` comes with the message, as its attributes."""
        return Job(
            job_id=str(self.jobId),
            owner=self.owner,
            priority=self.priority,
            total=self.total,
            created_at=self.createdAt,
            expires_at=self.expiresAt,
            status=self.status,
            completed=self.completed,
            failed=self.failed,
            version=self.version,
            started_at=self.startedAt,
            completed_at=self.completedAt,
            on_error=self.onError,
            round=self.round,
            origin=origin,
        )
