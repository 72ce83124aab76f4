"""What a webhook says: the body of the POST to a job's ``callback_url``. It carries no URL."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from downloads.contracts.base import Reply
from downloads.contracts.replies import BundleState, Progress
from downloads.file import ErrorCode, FailedFile
from downloads.model import Job, JobStatus

# Some 60 bytes each: Standard Webhooks wants bodies below 20 KB.
MOST_FAILED_FILES = 200


class FailedFileNote(Reply):
    file_id: int
    errorCode: ErrorCode


class JobEnd(Reply):
    """The job as it ended. A retry's end is a notice of its own, with a greater ``version``."""

    jobId: UUID
    status: JobStatus
    version: int
    progress: Progress
    bundle: BundleState | None = None
    createdAt: datetime
    completedAt: datetime
    failedFiles: Annotated[
        list[FailedFileNote],
        Meta(description="By ascending id, 200 at most; progress.failed tells how many there are"),
    ]


class NoticeBody(Reply):
    """Standard Webhooks' shape: what happened, when, and to what.

    ``type`` is download.completed, download.failed or download.cancelled.
    """

    type: str
    timestamp: datetime
    data: JobEnd


def notice_body(job: Job, failed: Iterable[FailedFile]) -> str:
    """The body for a job that has ended, the same whenever it is made.

    Raises ValueError for one that goes on.
    """
    if job.completed_at is None:
        raise ValueError("the job goes on")
    notes = [FailedFileNote(file_id=file.file_id, errorCode=file.error_code) for file in failed]
    end = JobEnd(
        jobId=UUID(job.job_id),
        status=job.status,
        version=job.version,
        progress=Progress.of(job),
        bundle=BundleState.of(job.bundle),
        createdAt=job.created_at,
        completedAt=job.completed_at,
        failedFiles=sorted(notes, key=lambda note: note.file_id)[:MOST_FAILED_FILES],
    )
    return NoticeBody(type=f"download.{job.status}", timestamp=job.completed_at, data=end).json()
