"""Send parked dead letters round again: their jobs are retried as wholes."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from downloads.errors import (
    ContendedError,
    JobEndedError,
    JobNotFoundError,
    JobOpenError,
    NothingToRetryError,
    StateUnavailableError,
)
from downloads.limits import Schedule
from downloads.ports import Jobs, Queue
from downloads.usecases.retry import retry


class Redriven(StrEnum):
    """What became of a job's letters; those of a job that is not ready for it stay parked."""

    RETRIED = "retried"
    NOTHING_LEFT = "nothing_left"
    GONE = "gone"
    STAYS = "stays"


def redrive(
    job_ids: Iterable[str], jobs: Jobs, queue: Queue, schedule: Schedule, now: datetime
) -> dict[str, Redriven]:
    """Retries each job once, however many of its letters are parked."""
    return {job_id: _redrive(job_id, jobs, queue, schedule, now) for job_id in dict.fromkeys(job_ids)}


def _redrive(job_id: str, jobs: Jobs, queue: Queue, schedule: Schedule, now: datetime) -> Redriven:
    try:
        retry(job_id, jobs, queue, schedule, now)
    except JobNotFoundError:
        return Redriven.GONE
    except (JobEndedError, NothingToRetryError):
        return Redriven.NOTHING_LEFT
    except (JobOpenError, ContendedError, StateUnavailableError):
        return Redriven.STAYS
    return Redriven.RETRIED
