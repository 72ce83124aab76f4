"""One archive of a job's files: what can become of it, and why it may fail. Standard library only."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

MIB = 1024 * 1024
# How long the archive of a job may take once it is begun; a job that expires sooner leaves less.
BUNDLE_TIME = timedelta(hours=6)


class BundleFormat(StrEnum):
    """What the files of a job can be bundled as."""

    ZIP = "zip"


class BundleStatus(StrEnum):
    """The states of a bundle: pending until every file has a result; the last two are its end."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        return self in {BundleStatus.COMPLETED, BundleStatus.FAILED}


class BundleError(StrEnum):
    """Why there is no bundle; the codes are stable, the words (``BUNDLE_REASONS``) may improve."""

    NOTHING_READY = "NOTHING_READY"
    JOB_ENDED = "JOB_ENDED"
    DEADLINE_EXCEEDED = "DEADLINE_EXCEEDED"
    FILE_CHANGED = "FILE_CHANGED"
    TOO_LARGE = "TOO_LARGE"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    UPLOAD_LOST = "UPLOAD_LOST"
    RESULTS_LOST = "RESULTS_LOST"
    # Of one that is complete, to somebody who may have a file of it no more.
    FORBIDDEN = "FORBIDDEN"


BUNDLE_REASONS = {
    BundleError.NOTHING_READY: "No file of the job is ready, so there is nothing to bundle.",
    BundleError.JOB_ENDED: "The job ended before its files were bundled.",
    BundleError.DEADLINE_EXCEEDED: "Bundling took too long; the files themselves are ready.",
    BundleError.FILE_CHANGED: "Every file changed or went away before it was bundled.",
    BundleError.TOO_LARGE: "Every file is larger than a bundle can hold; each can be downloaded by itself.",
    BundleError.STORAGE_UNAVAILABLE: "The store could not be reached, at the last attempt.",
    BundleError.UPLOAD_LOST: "The store lost the unfinished bundle; the files themselves are ready.",
    BundleError.RESULTS_LOST: "What was known of a file is gone; a retry prepares it again.",
    BundleError.FORBIDDEN: "You may not have every file of this bundle any more; the others are ready.",
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes of an archive at most, and of a part of its upload at least; fixed for a round at its begin."""

    archive: int
    part: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """How far the bundle of a job's round is. ``done`` and ``total`` are bytes; ``total`` is about right
    until the end, and 0 before the bundler has begun. ``left_out`` counts files that were ready and are not
    in a complete bundle: they changed meanwhile, went away, or are too large.
    """

    format: BundleFormat
    status: BundleStatus = BundleStatus.PENDING
    done: int = 0
    total: int = 0
    begun_at: datetime | None = None
    error: BundleError | None = None
    left_out: int = 0

    @property
    def due(self) -> bool:
        """Whether it is to be made, and nobody has begun."""
        return self.status is BundleStatus.PROCESSING and not self.total

    @property
    def percentage(self) -> int:
        """Bytes written, as whole percent, rounded down: 100 only of a bundle that is complete."""
        if self.status is BundleStatus.COMPLETED:
            return 100
        return min(99, 100 * self.done // self.total) if self.total else 0

    @property
    def reason(self) -> str | None:
        return BUNDLE_REASONS[self.error] if self.error else None

    def begun(self, total: int, now: datetime) -> Self:
        """As the bundler begins to write about so many bytes, or does so anew."""
        return replace(self, total=max(1, total), done=0, begun_at=self.begun_at or now)

    def at(self, done: int) -> Self:
        return replace(self, done=done)

    def completed(self, size: int, left_out: int = 0) -> Self:
        return replace(self, status=BundleStatus.COMPLETED, done=size, total=size, left_out=left_out)

    def failed(self, error: BundleError) -> Self:
        """What has ended stays as it is."""
        if self.status.ended:
            return self
        return replace(self, status=BundleStatus.FAILED, error=error)


def wanted(form: BundleFormat) -> Bundle:
    """The bundle of a round that begins."""
    return Bundle(form)


def due(bundle: Bundle) -> Bundle:
    """A bundle that is to be made now."""
    return Bundle(bundle.format, BundleStatus.PROCESSING)


def prefix(job_id: str, round_: int | None = None) -> str:
    """Where all archives of a job's round lie, or those of all its rounds."""
    return f"bundles/{job_id}/" if round_ is None else f"bundles/{job_id}/{round_}/"
