"""WebSocket frames to a client. A frame stays under 32 KB, API Gateway's limit for one.

The frames of a job are the data of Server-Sent Events too, there always in one part.
"""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from downloads.contracts.base import ErrorBody, Reply
from downloads.contracts.replies import BundleState, FileState, Progress
from downloads.model import Job, JobStatus

# A file's entry is at most about 170 bytes, so that this many stay well below 32 KB.
FILES_PER_FRAME = 150
# Characters: an error may quote what was sent, which is as long as a frame itself.
LONGEST_MESSAGE = 500


class Frame(Reply, tag_field="type"):
    """Its ``type`` is the tag of its class."""

    @property
    def type(self) -> str:
        return str(self.__struct_config__.tag)


class JobFrame(Frame):
    """What every frame of a job says; ``part`` of ``parts`` share one version.

    ``round`` grows with each retry of the job: what had failed before is pending again.
    """

    jobId: UUID
    version: int
    round: int
    status: JobStatus
    progress: Progress
    bundle: BundleState | None = None
    files: list[FileState]
    part: int
    parts: int


class Snapshot(JobFrame, tag="snapshot"):
    """A job as it stands; a file that no part names is pending."""


class Change(JobFrame, tag="change"):
    """What changed since version ``since``; a client that holds an older one has missed a frame."""

    since: int


class End(JobFrame, tag="end"):
    """The job has ended and nothing follows; Server-Sent Events only, after the final state."""


class Pong(Frame, tag="pong"):
    """The answer to a ping."""


class Unsubscribed(Frame, tag="unsubscribed"):
    jobId: UUID


class Expired(Frame, tag="expired"):
    """The last frame: the token that opened the connection has ended. Connect again with a new one."""


class ErrorFrame(Frame, tag="error"):
    error: ErrorBody
    jobId: UUID | None = None


def snapshot_frames(job: Job, files: Sequence[FileState]) -> Iterator[str]:
    for part, parts, page in _pages(files):
        yield Snapshot(**head(job), files=page, part=part, parts=parts).json()


def change_frames(job: Job, since: int, files: Sequence[FileState]) -> Iterator[str]:
    for part, parts, page in _pages(files):
        # Later parts follow from the first: only that one can reveal a gap.
        before = since if part == 1 else job.version
        yield Change(**head(job), since=before, files=page, part=part, parts=parts).json()


def error_frame(code: str, message: str, job_id: str | None = None) -> str:
    error = ErrorBody(code=code, message=message[:LONGEST_MESSAGE])
    return ErrorFrame(error=error, jobId=UUID(job_id) if job_id else None).json()


def _pages(files: Sequence[FileState]) -> Iterator[tuple[int, int, list[FileState]]]:
    parts = max(1, -(-len(files) // FILES_PER_FRAME))
    for part in range(1, parts + 1):
        yield part, parts, list(files[(part - 1) * FILES_PER_FRAME : part * FILES_PER_FRAME])


def head(job: Job) -> dict[str, Any]:
    """What all frames of a job have in common."""
    return {
        "jobId": UUID(job.job_id),
        "version": job.version,
        "round": job.round,
        "status": job.status,
        "progress": Progress.of(job),
        "bundle": BundleState.of(job.bundle),
    }
