"""Where jobs and files can stand. A status this client does not know counts as work in progress."""

from enum import StrEnum


class JobStatus(StrEnum):
    """Where a job stands; `ended` is true for the three that change no more, but by a retry."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more will be prepared."""
        return self in (JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED)

    @classmethod
    def _missing_(cls, value: object) -> "JobStatus | None":
        return cls.PROCESSING if isinstance(value, str) else None


class FileStatus(StrEnum):
    """Where a file stands; `final` is true for a result."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def final(self) -> bool:
        """Whether this is a result."""
        return self in (FileStatus.COMPLETED, FileStatus.FAILED)

    @classmethod
    def _missing_(cls, value: object) -> "FileStatus | None":
        return cls.PROCESSING if isinstance(value, str) else None
