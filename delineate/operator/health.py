"""What is not well, in plain lines, and what to do about it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from delineate import words
from delineate.operator.items import Job
from delineate.operator.look import Look
from delineate.operator.queues import Depth
from delineate.operator.tally import Rates

SWEEPER_LATE = timedelta(minutes=3)
"""The sweeper comes every minute: what is due for longer is not being looked at."""
STILL_LOOKS = 2
"""Looks of the sweeper that found no progress; it sends messages again at the first."""
MANY_FAIL, ENOUGH_FILES = 0.1, 10
ENDS = {
    "parked": ("letter", "parked: delineate admin redrive --stack {stack}"),
    "undelivered": ("webhook", "undelivered: docs/runbook.md, A webhook fails"),
    "stream failures": ("record", "of the stream given up: look for ERROR in publish_progress"),
    "missed sweeps": ("run", "of sweep_jobs missed: look for ERROR in its log, then purge"),
    "missed closings": ("run", "of close_connections missed: look for ERROR in its log, then purge"),
}


@dataclass(frozen=True)
class Complaint:
    """One thing that is not well; what is not `grave` may pass by itself."""

    line: str
    grave: bool = True


def complaints(stack: str, look: Look, rates: Rates | None, before: Look | None) -> list[Complaint]:
    """All that is not well at this look, worst first; the look before tells what stands still."""
    found = [
        *(Complaint(fault) for fault in look.faults),
        *_of_queues(stack, look.queues or {}, (before.queues if before else None) or {}),
        *_of_jobs(look.open, look.at),
        *_of_rates(rates),
    ]
    return sorted(found, key=lambda complaint: not complaint.grave)


def _of_queues(stack: str, now: Mapping[str, Depth], before: Mapping[str, Depth]) -> Iterator[Complaint]:
    for name, (thing, told) in ENDS.items():
        if count := now.get(name, Depth()).all:
            yield Complaint(f"{_n(count, thing)} {told.format(stack=stack)}")
    if count := now.get("dead letters", Depth()).all:
        yield Complaint(f"{_n(count, 'dead letter')} to be marked and parked by bury_file", grave=False)
    for lane in ("high", "normal"):
        if _stands(now.get(lane, Depth())) and _stands(before.get(lane, Depth())):
            waiting = words.files(now[lane].waiting)
            yield Complaint(f"{waiting} wait in {lane} and none is being prepared: look at process_file")


def _stands(lane: Depth) -> bool:
    return lane.waiting > 0 and lane.in_flight == 0


def _of_jobs(jobs: list[Job], now: datetime) -> Iterator[Complaint]:
    late = [job for job in jobs if job.check_at and now - job.check_at > SWEEPER_LATE]
    overdue = [job for job in jobs if job.deadline_at and now - job.deadline_at > SWEEPER_LATE]
    still = [job for job in jobs if job.sweeps >= STILL_LOOKS]
    if late:
        yield Complaint(f"{_n(len(late), 'job')} overdue for a look: is sweep_jobs running?")
    if overdue:
        yield Complaint(f"{_n(len(overdue), 'job')} past the deadline and still open{_first(overdue)}")
    if still:
        yield Complaint(f"{_n(len(still), 'job')} without progress{_first(still)}", grave=False)


def _first(jobs: list[Job]) -> str:
    return f": delineate admin job {min(jobs, key=lambda job: job.created_at).job_id}"


def _of_rates(rates: Rates | None) -> Iterator[Complaint]:
    if rates and rates.files >= ENOUGH_FILES and (rates.failed_share or 0) > MANY_FAIL:
        yield Complaint(f"{rates.failed_share:.0%} of the last {rates.files:,} files failed", grave=False)


def _n(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"
