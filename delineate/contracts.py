"""The service's replies as types. Fields keep the names they have on the wire.

Unknown fields are kept, and a status this client does not know counts as work in progress, so a newer
service does not break an older client.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from delineate.standing import FileStatus, JobStatus


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


# Text of the service reaches terminals: an escape sequence in it must not.
Words = Annotated[str, AfterValidator(_printable)]


class Reply(BaseModel):
    """The base of all replies: immutable, tolerant of fields it does not know."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Progress(Reply):
    """How many files have a result, of how many; `percentage` is 0 to 100."""

    completed: int = 0
    failed: int = 0
    total: int = 0
    percentage: float = 0


class FileState(Reply):
    """One file of a job; `size` in bytes; `error` in words and `errorCode` when it failed.

    While it is `processing`, `code` says what it waits for: `RESTORING`, until about `estimatedReadyAt`.
    """

    file_id: int
    status: FileStatus
    size: int | None = None
    error: Words | None = None
    errorCode: Words | None = None
    code: Words | None = None
    estimatedReadyAt: datetime | None = None


class Archive(Reply):
    """One part of a job's archive: as with `Link`, the URL works until `urlExpiresAt`."""

    part: int
    downloadUrl: str
    urlExpiresAt: datetime | None = None
    size: int | None = None
    etag: str | None = None
    filename: Words | None = None


class Bundle(Reply):
    """The one archive that a job was asked to put its files in; `archives` stand in status and links only."""

    format: Words = "zip"
    status: FileStatus
    percentage: float = 0
    bytesDone: int = 0
    bytesTotal: int | None = None
    error: Words | None = None
    errorCode: Words | None = None
    leftOut: int | None = None
    archives: list[Archive] = []


class Sighting(Reply):
    """What every account of a job tells, whether it came as a frame or as a reply.

    `round` grows with each retry of the job: what had failed before is pending again.
    """

    jobId: Words
    version: int = 0
    round: int = 1
    status: JobStatus
    progress: Progress
    files: list[FileState] = []
    bundle: Bundle | None = None


class JobReply(Sighting):
    """`GET /v1/download/status/{jobId}`: one page of the job's files, the next at `nextCursor`."""

    priority: Words | None = None
    nextCursor: str | None = None
    createdAt: datetime | None = None
    startedAt: datetime | None = None
    completedAt: datetime | None = None
    estimatedCompletionAt: datetime | None = None
    expiresAt: datetime | None = None


class JobsReply(Reply):
    """`GET /v1/downloads`: a page of the caller's jobs, newest first, without their files."""

    jobs: list[JobReply] = []
    nextCursor: str | None = None


class Frame(Sighting):
    """A `snapshot` or `change` frame; `since` (changes only) is the version it follows on."""

    type: str
    since: int | None = None
    part: int = 1
    parts: int = 1


class Started(Reply):
    """`POST /v1/download/initiate`: the new job; the estimate is in milliseconds."""

    jobId: Words
    status: JobStatus
    totalFiles: int
    estimatedTimeMs: int | None = None


class Link(Reply):
    """Where one file's bytes are; the URL works until `urlExpiresAt`; `etag` is S3's, without quotes."""

    file_id: int
    downloadUrl: str
    urlExpiresAt: datetime | None = None
    size: int | None = None
    etag: str | None = None
    filename: Words | None = None


class LinksReply(Reply):
    """`GET /v1/download/{jobId}`: one page of what is ready."""

    jobId: Words
    status: JobStatus
    progress: Progress
    files: list[Link] = []
    bundle: Bundle | None = None
    nextCursor: str | None = None
    expiresAt: datetime | None = None


class SignIn(Reply):
    """How to sign in: `mode` is `none`, `cognito` (by its API at `endpoint`) or `oidc`."""

    mode: Words = "none"
    issuer: Words | None = None
    clientId: Words | None = None
    endpoint: Words | None = None


class Entry(Reply):
    """`GET /`: what the service is, where its parts are, and how to sign in."""

    service: str = ""
    version: str = ""
    links: dict[str, str] = {}
    auth: SignIn = SignIn()
