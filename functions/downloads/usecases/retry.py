"""Prepare again what failed: the same job, in its next round."""

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
from downloads.ports import Jobs, Queue
from downloads.usecases.initiate import Accepted
from downloads.usecases.read import load_job


def retry(job_id: str, jobs: Jobs, queue: Queue, schedule: Schedule, now: datetime) -> Accepted:
    """Reopens an ended job for every file that is not ready, and sends those.

    Raises JobNotFoundError; JobOpenError while it goes on; JobEndedError when it was cancelled;
    NothingToRetryError when every file is ready; JobExpiringError near its expiry; ContendedError when
    another retry came first, or while the notice of the job's end is still to be queued.
    """
    job = load_job(job_id, jobs)
    if not job.status.terminal:
        raise JobOpenError(job_id)
    if job.status is JobStatus.CANCELLED:
        raise JobEndedError(job)
    if job.completed == job.total:
        raise NothingToRetryError(job_id)
    if not schedule.fits(job, now):
        raise JobExpiringError(job_id)
    if job.notice_due:
        raise ContendedError(job_id)
    reopened = job.reopened(now + schedule.deadline, now + schedule.grace)
    jobs.swap(job, reopened)
    return Accepted(reopened, queue.send(reopened, missing_files(reopened, jobs)))


def missing_files(job: Job, jobs: Jobs) -> list[int]:
    """The ids that have no result in the job's round."""
    file_ids = jobs.file_ids(job.job_id)
    known = jobs.results(job, file_ids[0], file_ids[-1]) if file_ids else {}
    return [file_id for file_id in file_ids if file_id not in known]
