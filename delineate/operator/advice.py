"""What an operator can do about a job, in one sentence."""

from collections.abc import Collection
from datetime import datetime, timedelta

from delineate import words
from delineate.operator.items import Job
from delineate.operator.record import Attempt
from delineate.operator.story import Story

SWEEPER_LATE = timedelta(minutes=3)
"""The sweeper comes every minute: what is due for longer is not being looked at."""
OURS = frozenset({"ATTEMPTS_EXHAUSTED"})
PASSING = frozenset({"TIMEOUT", "STORAGE_UNAVAILABLE", "DEADLINE_EXCEEDED"})


def advice(story: Story, job: Job, reasons: Collection[str], held: str = "") -> str:
    """What to do next; begins with `Nothing` when that is all. `held` is what to do against what holds it."""
    if job.open:
        return _while_open(story.at, job, story.question.stack, held)
    attempts = story.record.attempts
    return (
        _of_notice(story.at, job)
        or (_of_webhook(attempts[-1]) if attempts else "")
        or _of_failures(job, reasons, story.question.stack)
        or "Nothing: it has ended."
    )


def _while_open(now: datetime, job: Job, stack: str, held: str) -> str:
    if job.check_at and now - job.check_at > SWEEPER_LATE:
        return f"The sweeper should have looked at it and has not: delineate admin top --stack {stack}"
    if job.deadline_at and now > job.deadline_at:
        return "Its deadline is over: the sweeper's next look fails its open files."
    left = (job.deadline_at - now).total_seconds() if job.deadline_at else None
    until = f"; its deadline is in {words.span(left)}" if left else ""
    if job.sweeps:
        still = f"It stood still at {job.sweeps} looks of the sweeper, which sends its messages again{until}."
        return f"{held} {still}".strip()
    return held or f"Nothing: it goes on{until}."


def _of_notice(now: datetime, job: Job) -> str:
    if job.check_at and now - job.check_at > SWEEPER_LATE:
        return "The notice of its end is not queued: look for ERROR in publish_progress and sweep_jobs."
    return ""


def _of_webhook(last: Attempt) -> str:
    if last.outcome == "exhausted":
        return "Its webhook was given up: docs/runbook.md, A webhook fails."
    if last.outcome == "failed" and last.next_at:
        return f"Nothing: its webhook is tried again at {last.next_at.astimezone():%Y-%m-%d %H:%M:%S}."
    return ""


def _of_failures(job: Job, reasons: Collection[str], stack: str) -> str:
    if OURS & set(reasons):
        return f"Mend what its faults name, then: delineate admin redrive --stack {stack}"
    if PASSING & set(reasons):
        return f"Its owner can have what failed tried again: delineate retry {job.job_id}"
    return ""
