"""Stop a job: what has a result keeps it, nothing more is prepared."""

from datetime import datetime

from downloads.errors import JobEndedError, JobNotFoundError
from downloads.model import Job, JobStatus
from downloads.ports import Jobs


def cancel(job_id: str, owner: str, jobs: Jobs, now: datetime) -> Job:
    """Cancels the owner's job; doing so again changes nothing.

    Raises JobNotFoundError, or JobEndedError when it has completed or failed already.
    """
    job = jobs.cancel(job_id, owner, now)
    if job is None:
        raise JobNotFoundError(job_id)
    if job.status is not JobStatus.CANCELLED:
        raise JobEndedError(job)
    return job
