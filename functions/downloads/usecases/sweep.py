"""Find what got stuck and finish it: lost messages, a status never closed, a deadline, an end untold."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from downloads.bundle import Bundle, BundleError
from downloads.bundle_queue_ports import BundleQueue, BundleTask
from downloads.errors import BundleUnsentError, ContendedError, NoticeUnsentError, StateUnavailableError
from downloads.file import ErrorCode, results_among
from downloads.model import Job
from downloads.notice_ports import Notices
from downloads.ports import OnFault, Queue, RecordingJobs, unheard
from downloads.usecases.dispatch import dispatch, failures
from downloads.usecases.notify import notify

MOST_JOBS = 100
LONGEST_WAIT = timedelta(minutes=15)
# Looks at a job that stands still behind a busy lane before its messages are sent again all the same.
PATIENT_LOOKS = 2


class Repair(StrEnum):
    """What the sweeper did for a job."""

    NOTHING = "nothing"
    SENT_AGAIN = "sent_again"
    RECHECKED = "rechecked"
    DEADLINE = "deadline"
    CLOSED = "closed"
    NOTIFIED = "notified"
    UNSENT = "unsent"
    BUNDLE_ASKED = "bundle_asked"
    WAITING = "waiting"
    RESTORING = "restoring"
    SEEN = "seen"
    GONE = "gone"
    BUSY = "busy"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Broom:
    """What sweeping needs; ``grace`` is how long a job may show no progress; ``on_job`` hears of each job.

    ``recheck`` is how often files are looked at that wait for their restore, should its end never be told.
    """

    jobs: RecordingJobs
    queue: Queue
    notices: Notices
    bundles: BundleQueue
    grace: timedelta
    on_fault: OnFault = unheard
    on_job: Callable[[Job], None] = unheard
    recheck: timedelta = timedelta(minutes=15)


def sweep(broom: Broom, now: datetime, time_left: Callable[[], bool]) -> dict[str, Repair]:
    """Looks at jobs that are due while there is time; what a run does not reach stays due for the next."""
    done: dict[str, Repair] = {}
    while fresh := [job_id for job_id in broom.jobs.due(now, MOST_JOBS) if job_id not in done]:
        for job_id in fresh:
            if not time_left():
                return done
            done[job_id] = _look_at(job_id, broom, now)
    return done


def _look_at(job_id: str, broom: Broom, now: datetime) -> Repair:
    try:
        return _treat(job_id, broom, now)
    except (NoticeUnsentError, BundleUnsentError):
        return Repair.UNSENT
    except (ContendedError, StateUnavailableError):
        return Repair.BUSY
    except Exception as fault:  # noqa: BLE001 # whatever is wrong with one job holds back no other
        broom.on_fault(job_id, fault)
        return Repair.BROKEN


def _treat(job_id: str, broom: Broom, now: datetime) -> Repair:
    settled = broom.jobs.settle(job_id)
    if settled is None:
        broom.jobs.drop(job_id, now)
        return Repair.GONE
    job = settled.job
    broom.on_job(job)
    if job.status.terminal and settled.since is not None:
        # The stream tells of it.
        return Repair.CLOSED
    if job.check_at and job.check_at > now:
        # The index is a little late: another run has looked already.
        return Repair.SEEN
    if job.status.terminal:
        return Repair.NOTIFIED if notify(job_id, broom.jobs, broom.notices) else Repair.GONE
    repair = _repair(job, broom, now)
    if repair in {Repair.NOTHING, Repair.WAITING, Repair.SENT_AGAIN, Repair.BUNDLE_ASKED}:
        _put_off(job, broom, now)
    elif repair in {Repair.RESTORING, Repair.RECHECKED}:
        _put_off_until(now + broom.recheck, job, 0, broom)
    return repair


def _put_off(job: Job, broom: Broom, now: datetime) -> None:
    """To be looked at after the grace, twice as long after each time in vain, and at the deadline."""
    sweeps = 0 if job.moved else job.sweeps + 1
    check_at = now + min(broom.grace * 2**sweeps, LONGEST_WAIT)
    _put_off_until(check_at, job, sweeps, broom)


def _put_off_until(check_at: datetime, job: Job, sweeps: int, broom: Broom) -> None:
    broom.jobs.put_off(job, min(check_at, job.deadline_at or check_at), sweeps)


def _repair(job: Job, broom: Broom, now: datetime) -> Repair:
    if job.bundling and job.bundle:
        return _repair_bundle(job, job.bundle, broom, now)
    file_ids = broom.jobs.file_ids(job.job_id)
    known = broom.jobs.standings(job, file_ids[0], file_ids[-1])
    results = results_among(known)
    missing = [file_id for file_id in file_ids if file_id not in results]
    if not missing:
        return _close(job, broom, now)
    if job.overdue(now):
        late = failures(missing, ErrorCode.DEADLINE_EXCEEDED, broom.jobs.withheld(job.job_id))
        broom.jobs.record(job, late, now)
        return Repair.DEADLINE
    return _send_again(job, missing, [file_id for file_id in missing if file_id not in known], broom, now)


def _close(job: Job, broom: Broom, now: datetime) -> Repair:
    """The last came in just now; if ever the count is short of the results, the deadline ends the job."""
    settled = broom.jobs.settle(job.job_id)
    if settled and (settled.job.status.terminal or not settled.job.remaining):
        return Repair.CLOSED
    if not job.overdue(now):
        return Repair.NOTHING
    broom.jobs.cancel(job.job_id, job.owner, now)
    return Repair.DEADLINE


def _send_again(job: Job, missing: Sequence[int], lost: Sequence[int], broom: Broom, now: datetime) -> Repair:
    """``lost`` don't even wait for a restore: their messages are lost, or behind others."""
    if job.moved:
        return Repair.NOTHING if lost else Repair.RESTORING
    if not lost:
        broom.queue.send(job, missing)
        return Repair.RECHECKED
    if job.sweeps < PATIENT_LOOKS and broom.queue.waiting(job.priority) >= len(lost):
        # They may well wait behind others: copies would only make that longer.
        return Repair.WAITING
    dispatch(job, lost, broom.jobs.withheld(job.job_id), broom.jobs, broom.queue, now)
    return Repair.SENT_AGAIN


def _repair_bundle(job: Job, bundle: Bundle, broom: Broom, now: datetime) -> Repair:
    if job.overdue(now):
        broom.jobs.swap(job, job.bundled(bundle.failed(BundleError.DEADLINE_EXCEEDED), now))
        return Repair.DEADLINE
    if job.moved and not job.bundle_due:
        return Repair.NOTHING
    # A run that is at it has the lease: another message is one that finds nothing to do.
    broom.bundles.send(BundleTask.of(job))
    return Repair.BUNDLE_ASKED
