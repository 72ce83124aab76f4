"""WebSocket frames, both ways. A frame stays under 32 KB, API Gateway's limit for one.

The frames of a job are the data of Server-Sent Events too, there always in one part.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from downloads.contracts.base import ErrorBody, Reply
from downloads.contracts.replies import BundleState, FileState, Progress
from downloads.model import Job, JobStatus

# A file's entry is at most about 170 bytes, so that this many stay well below 32 KB.
FILES_PER_FRAME = 150
# Characters: an error may quote what was sent, which is as long as a frame itself.
LONGEST_MESSAGE = 500


class Action(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Subscribe(Action):
    """Asks for a snapshot and every change after it; may be sent again at any time."""

    action: Literal["subscribe"]
    jobId: UUID


class Unsubscribe(Action):
    action: Literal["unsubscribe"]
    jobId: UUID


class Ping(Action):
    """Keeps the connection from idling: API Gateway closes one after ten minutes of silence."""

    action: Literal["ping"]


ACTIONS: TypeAdapter[Subscribe | Unsubscribe | Ping] = TypeAdapter(
    Annotated[Subscribe | Unsubscribe | Ping, Field(discriminator="action")]
)


class JobFrame(Reply):
    """What every frame of a job says; ``part`` of ``parts`` share one version.

    ``round`` grows with each retry of the job: what had failed before is pending again.
    """

    type: str
    jobId: UUID
    version: int
    round: int
    status: JobStatus
    progress: Progress
    bundle: BundleState | None = None
    files: list[FileState]
    part: int
    parts: int


class Snapshot(JobFrame):
    """A job as it stands; a file that no part names is pending."""

    type: Literal["snapshot"] = "snapshot"


class Change(JobFrame):
    """What changed since version ``since``; a client that holds an older one has missed a frame."""

    type: Literal["change"] = "change"
    since: int


class End(JobFrame):
    """The job has ended and nothing follows; Server-Sent Events only, after the final state."""

    type: Literal["end"] = "end"


class Pong(Reply):
    type: Literal["pong"] = "pong"


class Unsubscribed(Reply):
    type: Literal["unsubscribed"] = "unsubscribed"
    jobId: UUID


class Expired(Reply):
    """The last frame: the token that opened the connection has ended. Connect again with a new one."""

    type: Literal["expired"] = "expired"


class ErrorFrame(Reply):
    type: Literal["error"] = "error"
    error: ErrorBody
    jobId: UUID | None = None


def snapshot_frames(job: Job, files: Sequence[FileState]) -> Iterator[str]:
    for part, parts, page in _pages(files):
        yield Snapshot(**head(job), files=page, part=part, parts=parts).body()


def change_frames(job: Job, since: int, files: Sequence[FileState]) -> Iterator[str]:
    for part, parts, page in _pages(files):
        # Later parts follow from the first: only that one can reveal a gap.
        before = since if part == 1 else job.version
        yield Change(**head(job), since=before, files=page, part=part, parts=parts).body()


def error_frame(code: str, message: str, job_id: str | None = None) -> str:
    error = ErrorBody(code=code, message=message[:LONGEST_MESSAGE])
    return ErrorFrame(error=error, jobId=UUID(job_id) if job_id else None).body()


def _pages(files: Sequence[FileState]) -> Iterator[tuple[int, int, list[FileState]]]:
    parts = max(1, -(-len(files) // FILES_PER_FRAME))
    for part in range(1, parts + 1):
        yield part, parts, list(files[(part - 1) * FILES_PER_FRAME : part * FILES_PER_FRAME])


def head(job: Job) -> dict[str, object]:
    """What all frames of a job have in common."""
    return {
        "jobId": UUID(job.job_id),
        "version": job.version,
        "round": job.round,
        "status": job.status,
        "progress": Progress.of(job),
        "bundle": BundleState.of(job.bundle),
    }
