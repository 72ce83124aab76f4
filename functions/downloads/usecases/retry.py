"""Prepare again what failed: the same job, in its next round."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from downloads.errors import (
    ContendedError,
    JobEndedError,
    JobExpiringError,
    JobOpenError,
    NothingToRetryError,
)
from downloads.limits import Schedule
from downloads.model import Job, JobStatus
from downloads.ports import Jobs, Queue, RecordingJobs
from downloads.trace import Origin
from downloads.usecases.dispatch import Accepted, dispatch


@dataclass(frozen=True, slots=True)
class Reopening:
    """What a retry needs; ``reserve`` takes what it costs its owner, and may refuse it.

    ``origin`` is the request that asks for it, None where it is the job's own.
    """

    jobs: RecordingJobs
    queue: Queue
    schedule: Schedule
    reserve: Callable[[Job], None]
    origin: Origin | None = None


def retry(job: Job, needs: Reopening, now: datetime) -> Accepted:
    """Reopens an ended job for every file that is not ready, and sends those; its bundle is made anew.

    Raises JobOpenError while it goes on; JobEndedError when it was cancelled; NothingToRetryError when
    every file is ready, or withheld from its owner, and no bundle failed; JobExpiringError near its expiry;
    ContendedError when another retry came first, or while the notice of the job's end is still to be
    queued; and what ``reserve`` raises.
    """
    if job.status is JobStatus.CANCELLED:
        raise JobEndedError(job)
    if not job.status.terminal:
        raise JobOpenError(job.job_id)
    if job.completed == job.total and not job.bundle_failed:
        raise NothingToRetryError(job.job_id)
    if not needs.schedule.fits(job, now):
        raise JobExpiringError(job.job_id)
    if job.notice_due:
        raise ContendedError(job.job_id)
    schedule = needs.schedule
    reopened = job.reopened(now, now + schedule.deadline, now + schedule.grace, needs.origin)
    missing, withheld = missing_files(reopened, needs.jobs), needs.jobs.withheld(job.job_id)
    if withheld.issuperset(missing) and not job.bundle_failed:
        raise NothingToRetryError(job.job_id)
    needs.reserve(reopened)
    needs.jobs.swap(job, reopened)
    return dispatch(reopened, missing, withheld, needs.jobs, needs.queue, now)


def missing_files(job: Job, jobs: Jobs) -> list[int]:
    """The ids that have no result in the job's round."""
    file_ids = jobs.file_ids(job.job_id)
    known = jobs.results(job, file_ids[0], file_ids[-1]) if file_ids else {}
    return [file_id for file_id in file_ids if file_id not in known]
