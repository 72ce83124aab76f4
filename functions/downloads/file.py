"""One file of a job: what can become of it, and why it may fail. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from downloads.cold import ColdClass
from downloads.trace import Origin

# Nine digits: what a sort key of a file has room for.
LARGEST_FILE_ID = 999_999_999


class FileStatus(StrEnum):
    """The states of one file of a job; the last two are results, reached once."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class Priority(StrEnum):
    """The lane a job's files take; each lane has a queue and a share of the concurrency of its own."""

    HIGH = "high"
    NORMAL = "normal"


class ErrorCode(StrEnum):
    """Why a file failed; the codes are stable, the words (``REASONS``) may improve."""

    NOT_FOUND = "NOT_FOUND"
    FORBIDDEN = "FORBIDDEN"
    TIMEOUT = "TIMEOUT"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    ATTEMPTS_EXHAUSTED = "ATTEMPTS_EXHAUSTED"
    JOB_ENDED = "JOB_ENDED"
    ARCHIVED = "ARCHIVED"


REASONS = {
    ErrorCode.NOT_FOUND: "There is no file with this id in the store.",
    ErrorCode.FORBIDDEN: "This file may not be had: by this caller, or by this service.",
    ErrorCode.TIMEOUT: "The store did not answer in time, at the last attempt.",
    ErrorCode.STORAGE_UNAVAILABLE: "The store was overloaded or could not be reached, at the last attempt.",
    ErrorCode.DEADLINE_EXCEEDED: "The job's deadline passed before the file was prepared.",
    ErrorCode.ATTEMPTS_EXHAUSTED: "Every attempt to prepare the file broke off before its end.",
    ErrorCode.JOB_ENDED: "The job ended before the file was prepared.",
    ErrorCode.ARCHIVED: "The file is archived, and there is no restored copy of it.",
}


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the store knows of a file. ``size`` is in bytes; ``etag`` has no quotes.

    ``etag_is_md5`` only where the store says what makes it one: an ETag of 32 hexadecimal digits may be none.
    ``cold`` is where it lies while it cannot be read, ``restoring`` whether that is being changed; of one
    that can be read because a copy was restored, ``copy_until`` is when the store removes that.
    """

    key: str
    size: int
    etag: str
    etag_is_md5: bool = False
    cold: ColdClass | None = None
    restoring: bool = False
    copy_until: datetime | None = None

    @property
    def md5(self) -> str | None:
        """The MD5 of the bytes, in hexadecimal, where it is known."""
        return self.etag if self.etag_is_md5 else None

    @property
    def name(self) -> str:
        return file_name(self.key)


def file_name(key: str) -> str:
    """What a person calls the file: the last step of its key."""
    return key.rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """A presigned URL and the moment from which the store refuses it."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class PreparedFile:
    """A file that is ready, and what the store holds of it."""

    file_id: int
    stored: StoredObject


@dataclass(frozen=True, slots=True)
class LinkedFile(PreparedFile):
    """A ready file as it is handed out: no link is stored, each is made for the answer that has it."""

    link: SignedUrl


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that could not be prepared."""

    file_id: int
    error_code: ErrorCode

    @property
    def reason(self) -> str:
        return REASONS[self.error_code]


FileResult = PreparedFile | FailedFile


@dataclass(frozen=True, slots=True)
class RestoringFile:
    """No result: a file that waits until the store has restored it, by ``ready_at`` as a rule."""

    file_id: int
    ready_at: datetime


FileStanding = FileResult | RestoringFile


def results_among(known: Mapping[int, FileStanding]) -> dict[int, FileResult]:
    """Without what waits for its restore: that is to have a result yet."""
    return {file_id: one for file_id, one in known.items() if not isinstance(one, RestoringFile)}


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of one message; ``attempt`` counts its deliveries from 1."""

    lane: Priority
    message_id: str
    receipt: str
    attempt: int


@dataclass(frozen=True, slots=True)
class FileTask:
    """One file to be prepared, as it was delivered; ``origin`` is the request that it goes back to."""

    job_id: str
    file_id: int
    round: int
    delivery: Delivery
    origin: Origin | None = None
