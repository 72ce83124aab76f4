"""Jobs and files as rows of a CSV: the names of the columns are the API's, times are UTC."""

from datetime import UTC, datetime

from delineate.cli.tables import Cell
from delineate.contracts import FileState, JobReply

JOB_COLUMNS = ("jobId", "status", "completed", "failed", "total", "percentage", "createdAt", "expiresAt")
FILE_COLUMNS = ("file_id", "status", "size", "errorCode", "error", "code", "estimatedReadyAt")


def job_row(job: JobReply) -> tuple[Cell, ...]:
    """A job's row, under `JOB_COLUMNS`."""
    progress = job.progress
    counts = (progress.completed, progress.failed, progress.total, f"{progress.percentage:g}")
    return job.jobId, str(job.status), *counts, _iso(job.createdAt), _iso(job.expiresAt)


def file_row(file: FileState) -> tuple[Cell, ...]:
    """A file's row, under `FILE_COLUMNS`."""
    waits = file.code, _iso(file.estimatedReadyAt)
    return file.file_id, str(file.status), file.size, file.errorCode, file.error, *waits


def _iso(at: datetime | None) -> str | None:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else None
