"""Find what got stuck and finish it: lost messages, a status never closed, a deadline, an end untold."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from downloads.errors import ContendedError, NoticeUnsentError, StateUnavailableError
from downloads.file import ErrorCode, FailedFile
from downloads.model import Job
from downloads.notice_ports import Notices
from downloads.ports import Jobs, Queue
from downloads.usecases.notify import notify
from downloads.usecases.retry import missing_files

MOST_JOBS = 100
LONGEST_WAIT = timedelta(minutes=15)


class Repair(StrEnum):
    """What the sweeper did for a job."""

    NOTHING = "nothing"
    SENT_AGAIN = "sent_again"
    DEADLINE = "deadline"
    CLOSED = "closed"
    NOTIFIED = "notified"
    UNSENT = "unsent"
    GONE = "gone"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Broom:
    """What sweeping needs; ``grace`` is how long a job may show no progress."""

    jobs: Jobs
    queue: Queue
    notices: Notices
    grace: timedelta


def sweep(broom: Broom, now: datetime, time_left: Callable[[], bool]) -> dict[str, Repair]:
    """Looks at up to 100 jobs that are due; what a run does not reach stays due for the next."""
    done: dict[str, Repair] = {}
    for job_id in broom.jobs.due(now, MOST_JOBS):
        if not time_left():
            break
        done[job_id] = _look_at(job_id, broom, now)
    return done


def _look_at(job_id: str, broom: Broom, now: datetime) -> Repair:
    try:
        return _treat(job_id, broom, now)
    except NoticeUnsentError:
        return Repair.UNSENT
    except (ContendedError, StateUnavailableError):
        return Repair.BUSY


def _treat(job_id: str, broom: Broom, now: datetime) -> Repair:
    job = broom.jobs.get(job_id)
    if job is None or job.status.terminal:
        return Repair.NOTIFIED if notify(job_id, broom.jobs, broom.notices) else Repair.GONE
    repair = _repair(job, broom, now)
    if repair in {Repair.NOTHING, Repair.SENT_AGAIN}:
        wait = min(broom.grace * 2**job.sweeps, LONGEST_WAIT)
        broom.jobs.put_off(job, now + wait)
    return repair


def _repair(job: Job, broom: Broom, now: datetime) -> Repair:
    missing = missing_files(job, broom.jobs)
    if not missing:
        broom.jobs.swap(job, _recounted(job, broom.jobs, now))
        return Repair.CLOSED
    if job.overdue(now):
        late = [FailedFile(file_id, ErrorCode.DEADLINE_EXCEEDED) for file_id in missing]
        broom.jobs.record(job, late, now)
        return Repair.DEADLINE
    if job.version > job.seen_version:
        return Repair.NOTHING
    broom.queue.send(job, missing)
    return Repair.SENT_AGAIN


def _recounted(job: Job, jobs: Jobs, now: datetime) -> Job:
    """The job with its counters made anew from the results, and closed."""
    file_ids = jobs.file_ids(job.job_id)
    results = list(jobs.results(job, file_ids[0], file_ids[-1]).values())
    return replace(job, completed=0, failed=0).counted(results, now)
