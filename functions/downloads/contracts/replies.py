"""Bodies that the service answers with. Times are ISO 8601 in UTC, sizes are bytes."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from msgspec import Meta

from downloads.bundle import Bundle, BundleError, BundleFormat, BundleStatus
from downloads.changes import FileNews, ReadyFile, news_of
from downloads.contracts.base import Reply
from downloads.file import (
    ErrorCode,
    FailedFile,
    FileStanding,
    FileStatus,
    PreparedFile,
    Priority,
    RestoringFile,
)
from downloads.model import Job, JobStatus


class Progress(Reply):
    """How far a job is; ``percentage`` is 100 only when every file has a result.

    Of a job with a bundle files are the first half of it, and bytes bundled the second.
    """

    completed: int
    failed: int
    total: int
    percentage: Annotated[int, Meta(ge=0, le=100)]

    @classmethod
    def of(cls, job: Job) -> "Progress":
        return cls(completed=job.completed, failed=job.failed, total=job.total, percentage=job.percentage)


class BundleState(Reply):
    """How far the one archive of a job's files is; ``bytesTotal`` is about right until it is complete.

    ``leftOut`` counts files that were ready and are not in it, there when any is: its manifest says why.
    ``error`` says in words what ``errorCode`` says for programs.
    """

    format: BundleFormat
    status: BundleStatus
    percentage: Annotated[int, Meta(ge=0, le=100)]
    bytesDone: int
    bytesTotal: int
    error: str | None = None
    errorCode: BundleError | None = None
    leftOut: int | None = None

    @classmethod
    def of(cls, bundle: Bundle | None) -> Self | None:
        if bundle is None:
            return None
        return cls(
            format=bundle.format,
            status=bundle.status,
            percentage=bundle.percentage,
            bytesDone=bundle.done,
            bytesTotal=bundle.total,
            error=bundle.reason,
            errorCode=bundle.error,
            leftOut=bundle.left_out or None,
        )


class ArchiveLink(Reply):
    """One archive of the bundle, whole by itself; there are several only of very large bundles."""

    part: int
    filename: str
    size: int
    etag: str
    downloadUrl: str
    urlExpiresAt: datetime


class BundleEntry(BundleState):
    """A bundle with the links to its archives, once it is complete.

    Its owner may by now not have one of its files: then there are none, and the ``errorCode`` is FORBIDDEN.
    """

    archives: list[ArchiveLink] | None = None


class InitiateReply(Reply):
    """``totalFiles`` and ``totalFileIds`` are the same number: clients of both names exist."""

    jobId: UUID
    status: JobStatus
    estimatedTimeMs: int
    totalFiles: int
    totalFileIds: int


class FileState(Reply):
    """One file of a job; ``error`` says in words what ``errorCode`` says for programs.

    ``code`` says why a file is processing that is worth a word: it waits until the store has restored it from
    its archive, by ``estimatedReadyAt`` as a rule.
    """

    file_id: int
    status: FileStatus
    size: int | None = None
    error: str | None = None
    errorCode: ErrorCode | None = None
    code: Literal["RESTORING"] | None = None
    estimatedReadyAt: datetime | None = None

    @classmethod
    def of(cls, file_id: int, result: FileStanding | FileNews | None) -> "FileState":
        if isinstance(result, PreparedFile):
            result = news_of(result)
        if isinstance(result, ReadyFile):
            return cls(file_id=file_id, status=FileStatus.COMPLETED, size=result.size)
        if isinstance(result, FailedFile):
            return cls(
                file_id=file_id,
                status=FileStatus.FAILED,
                error=result.reason,
                errorCode=result.error_code,
            )
        if isinstance(result, RestoringFile):
            return cls(
                file_id=file_id,
                status=FileStatus.PROCESSING,
                code="RESTORING",
                estimatedReadyAt=result.ready_at,
            )
        return cls(file_id=file_id, status=FileStatus.PENDING)


class FileEntry(FileState):
    """A file with the link to its bytes, which works at least until ``urlExpiresAt``."""

    downloadUrl: str | None = None
    urlExpiresAt: datetime | None = None


class JobSummary(Reply):
    """A job as it stands. ``round`` grows with each retry."""

    jobId: UUID
    status: JobStatus
    version: int
    round: int
    priority: Priority
    progress: Progress
    createdAt: datetime
    startedAt: datetime | None = None
    completedAt: datetime | None = None
    expiresAt: datetime
    bundle: BundleState | None = None


class StatusReply(JobSummary):
    """A job and a page of its files, by ascending id. ``nextCursor`` is there while more follow."""

    files: list[FileEntry]
    nextCursor: str | None = None
    estimatedCompletionAt: datetime | None = None
    bundle: BundleEntry | None = None


class JobsReply(Reply):
    """The caller's jobs, newest first. ``nextCursor`` is there while more may follow.

    A page may hold fewer jobs than asked for, or none, and yet not be the last.
    """

    jobs: list[JobSummary]
    nextCursor: str | None = None


class TicketReply(Reply):
    """Opens one WebSocket or one stream of events of the job, once, until ``expiresAt``."""

    ticket: str
    expiresAt: datetime


class Link(Reply):
    """A file that is ready. ``etag`` is the store's, without quotes."""

    file_id: int
    downloadUrl: str
    urlExpiresAt: datetime
    size: int
    etag: str
    filename: str


class LinksReply(Reply):
    """The links of what is ready so far; complete once ``status`` is terminal and no cursor follows."""

    jobId: UUID
    status: JobStatus
    progress: Progress
    files: list[Link]
    nextCursor: str | None = None
    expiresAt: datetime
    bundle: BundleEntry | None = None


class CheckReply(Reply):
    """``s3Key`` and ``size`` are null when the file is missing.

    An archived file is not available, but has both: a job restores it.
    """

    file_id: int
    available: bool
    s3Key: str | None
    size: int | None


class StartReply(Reply):
    """The older synchronous call's answer: 200 even when the file failed."""

    file_id: int
    status: Literal[FileStatus.COMPLETED, FileStatus.FAILED]
    downloadUrl: str | None
    size: int | None
    processingTimeMs: int
    message: str


class HealthReply(Reply):
    status: Literal["healthy", "unhealthy"]
    checks: dict[str, Literal["ok", "error"]]


class SignIn(Reply):
    """Where to get an access token: nowhere, at a Cognito user pool's API, at an OpenID Connect issuer."""

    mode: Literal["none", "cognito", "oidc"]
    issuer: str | None = None
    clientId: str | None = None
    endpoint: str | None = None


class RootReply(Reply):
    """Links are relative to this address, but for the WebSocket's, which is absolute."""

    service: str
    version: str
    links: dict[str, str]
    auth: SignIn
