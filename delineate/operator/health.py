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
LANES = ("high", "normal")
STANDS_STILL = timedelta(seconds=30)
"""Between two batches a lane may look as if nobody worked on it."""
STILL_LOOKS = 2
"""Looks of the sweeper that found no progress; it sends messages again at the first."""
MANY_FAIL, ENOUGH_FILES = 0.1, 10
ENDS = {
    "parked": (
        "letter",
        "parked: delineate admin redrive --stack {stack}; what stays: look, then purge (docs/runbook.md, "
        "Letters in parked)",
    ),
    "undelivered": ("webhook", "undelivered: docs/runbook.md, A webhook fails"),
    "unbundled": ("bundle", "given up: docs/runbook.md, A bundle fails"),
    "stream failures": ("record", "of the stream given up: look for ERROR in publish_progress"),
    "missed sweeps": ("run", "of sweep_jobs missed: look for ERROR in its log, then purge"),
    "missed closings": ("run", "of close_connections missed: look for ERROR in its log, then purge"),
}


@dataclass(frozen=True)
class Complaint:
    """One thing that is not well; what is not `grave` may pass by itself."""

    line: str
    grave: bool = True


def complaints(
    stack: str,
    look: Look,
    rates: Rates | None,
    standing: Mapping[str, datetime],
    hidden: int = 0,
) -> list[Complaint]:
    """All that is not well at this look, worst first.

    `standing` says since when a lane stands still, `hidden` how many notices every late look found in flight.
    """
    found = [
        *(Complaint(fault) for fault in look.faults),
        *_of_queues(stack, look.queues or {}),
        *_of_lanes(look, standing),
        *_of_notices(hidden),
        *_of_jobs(look.open, look.at),
        *_of_rates(rates),
    ]
    return sorted(found, key=lambda complaint: not complaint.grave)


def stands(lane: Depth) -> bool:
    """Whether messages wait and none is being worked on: at one moment alone, that means nothing yet."""
    return lane.waiting > 0 and lane.in_flight == 0


def _of_queues(stack: str, now: Mapping[str, Depth]) -> Iterator[Complaint]:
    for name, (thing, told) in ENDS.items():
        if count := now.get(name, Depth()).all:
            yield Complaint(f"{_n(count, thing)} {told.format(stack=stack)}")
    if count := now.get("dead letters", Depth()).all:
        yield Complaint(f"{_n(count, 'dead letter')} to be marked and parked by bury_file", grave=False)


def _of_lanes(look: Look, standing: Mapping[str, datetime]) -> Iterator[Complaint]:
    for lane, since in standing.items():
        waiting = words.files(look.queues[lane].waiting) if look.queues else ""
        if look.at - since >= STANDS_STILL:
            yield Complaint(f"{waiting} wait in {lane} and none is being prepared: look at process_file")
        elif since < look.at and (first := _waits_longest(look, lane)):
            waits = words.span((look.at - first.created_at).total_seconds())
            yield Complaint(
                f"{waiting} wait in {lane}, none is in flight, and job {first.job_id} has waited {waits} "
                "for its first: look at process_file"
            )


def _waits_longest(look: Look, lane: str) -> Job | None:
    """The oldest job of a lane that nothing has begun with for as long as makes a standstill."""
    idle = [job for job in look.open if job.priority == lane and not job.started_at]
    first = min(idle, key=lambda job: job.created_at, default=None)
    return first if first and look.at - first.created_at >= STANDS_STILL else None


def _of_notices(hidden: int) -> Iterator[Complaint]:
    if hidden:
        yield Complaint(
            f"{_n(hidden, 'webhook')} being sent or to be tried again: look for failed in deliver_webhook",
            grave=False,
        )


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
