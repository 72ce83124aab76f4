"""Send parked dead letters round again: their jobs are retried as wholes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from downloads.errors import (
    ContendedError,
    JobEndedError,
    JobExpiringError,
    JobOpenError,
    NothingToRetryError,
    StateUnavailableError,
)
from downloads.limits import Schedule
from downloads.model import Job
from downloads.ports import Queue, RecordingJobs
from downloads.usecases.retry import Reopening, retry


class Redriven(StrEnum):
    """What became of a job's letters; those of a job that is not ready for it stay parked."""

    RETRIED = "retried"
    NOTHING_LEFT = "nothing_left"
    GONE = "gone"
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Shunter:
    """What a redrive needs; ``time_left`` says whether one more job can be retried in this run."""

    jobs: RecordingJobs
    queue: Queue
    schedule: Schedule
    time_left: Callable[[], bool]


def redrive(job_ids: Iterable[str], shunter: Shunter, now: datetime) -> dict[str, Redriven]:
    """Retries each job once, however many of its letters are parked."""
    return {
        job_id: _redrive(job_id, shunter, now) if shunter.time_left() else Redriven.STAYS
        for job_id in dict.fromkeys(job_ids)
    }


def free_of_charge(_: Job) -> None:
    """An operator's retry takes nothing of what is left to the job's owner."""


def _redrive(job_id: str, shunter: Shunter, now: datetime) -> Redriven:
    try:
        job = shunter.jobs.get(job_id)
        if job is None:
            return Redriven.GONE
        retry(job, Reopening(shunter.jobs, shunter.queue, shunter.schedule, free_of_charge), now)
    except JobExpiringError:
        return Redriven.GONE
    except (JobEndedError, NothingToRetryError):
        return Redriven.NOTHING_LEFT
    except (JobOpenError, ContendedError, StateUnavailableError):
        return Redriven.STAYS
    return Redriven.RETRIED
