"""What is kept of jobs beyond their time in the table, in domain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from downloads.file import ErrorCode, FileStatus
from downloads.model import Job


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file of an ended job. ``size`` is in bytes; a file that the job left without a result is pending."""

    file_id: int
    status: FileStatus
    error_code: ErrorCode | None = None
    key: str | None = None
    size: int | None = None
    etag: str | None = None


class HistoryQueue(Protocol):
    """The queue of jobs that have ended, on their way into the history."""

    def send(self, job: Job) -> None:
        """Queues a job with all that the history keeps of it. Raises ExportUnsentError."""


class History(Protocol):
    """Ended jobs and their files, kept for as long as nobody deletes them.

    Every call may raise HistoryDownError: worth another attempt.
    """

    def keep(self, job: Job, files: Sequence[HistoryFile]) -> bool:
        """Stores an ended job and all its files in one step, in place of what it was at an older version.

        False, and nothing is changed, when that version or a newer one is there, or when its owner was
        forgotten after it was created.
        """

    def forget(self, owner: str, now: datetime, most: int) -> Sequence[str]:
        """Deletes up to ``most`` jobs of an owner with their files; answers their ids.

        Fewer than ``most`` means that none is left. What comes later of a job that was created before
        ``now`` is refused.
        """
