"""Domain objects as replies: what a job and its files look like to a caller."""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from msgspec.structs import asdict

from downloads.contracts.replies import (
    BundleEntry,
    BundleState,
    FileEntry,
    FileState,
    JobsReply,
    JobSummary,
    Link,
    LinksReply,
    Progress,
    StatusReply,
)
from downloads.cursors import file_cursor, place_cursor
from downloads.estimate import Pace
from downloads.file import FileStanding, LinkedFile
from downloads.model import Job, JobPage
from downloads.usecases.read import Page


def status_view(
    job: Job, page: Page, pace: Pace, now: datetime, bundle: BundleEntry | None = None
) -> StatusReply:
    return StatusReply(
        **asdict(_summary(job)) | {"bundle": bundle or BundleEntry.of(job.bundle)},
        files=[_entry(file_id, result) for file_id, result in page.files],
        nextCursor=file_cursor(page.after),
        estimatedCompletionAt=pace.completion(job, now),
    )


def links_view(
    job: Job, files: Iterable[LinkedFile], after: int | None = None, bundle: BundleEntry | None = None
) -> LinksReply:
    return LinksReply(
        jobId=UUID(job.job_id),
        status=job.status,
        progress=Progress.of(job),
        files=[_link(file) for file in files],
        nextCursor=file_cursor(after),
        expiresAt=job.expires_at,
        bundle=bundle or BundleEntry.of(job.bundle),
    )


def jobs_view(page: JobPage) -> JobsReply:
    return JobsReply(jobs=[_summary(job) for job in page.jobs], nextCursor=place_cursor(page.after))


def _summary(job: Job) -> JobSummary:
    return JobSummary(
        jobId=UUID(job.job_id),
        status=job.status,
        version=job.version,
        round=job.round,
        priority=job.priority,
        progress=Progress.of(job),
        createdAt=job.created_at,
        startedAt=job.started_at,
        completedAt=job.completed_at,
        expiresAt=job.expires_at,
        bundle=BundleState.of(job.bundle),
    )


def polling(job: Job, pace: Pace, now: datetime) -> dict[str, str]:
    """Retry-After, in seconds, for as long as there is something to wait for."""
    return {} if job.status.terminal else {"retry-after": str(pace.poll_again_s(job, now))}


def links_status(job: Job) -> HTTPStatus:
    return HTTPStatus.OK if job.status.terminal else HTTPStatus.ACCEPTED


def _entry(file_id: int, result: FileStanding | None) -> FileEntry:
    link = result.link if isinstance(result, LinkedFile) else None
    return FileEntry(
        **asdict(FileState.of(file_id, result)),
        downloadUrl=link.url if link else None,
        urlExpiresAt=link.expires_at if link else None,
    )


def _link(file: LinkedFile) -> Link:
    return Link(
        file_id=file.file_id,
        downloadUrl=file.link.url,
        urlExpiresAt=file.link.expires_at,
        size=file.stored.size,
        etag=file.stored.etag,
        filename=file.stored.name,
    )
