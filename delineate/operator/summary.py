"""The head of a job's story: how it stands, what failed why, what took longest, and what to do next."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from delineate.operator.advice import advice
from delineate.operator.event import DELIVERED, FAILED, READY, Event
from delineate.operator.items import Job
from delineate.operator.story import Story

MARKS = frozenset({READY, FAILED, "file", "job", "looked at"})
"""Kinds of events that bring a job on, or try to."""


@dataclass(frozen=True)
class Step:
    """A stretch of time in which nothing else happened, and what ended it."""

    name: str
    took: timedelta


@dataclass(frozen=True)
class Summary:
    """`waited` is until the first batch, `ran` from there to the end or to now; None where not known."""

    status: str
    reasons: Counter[str]
    waited: timedelta | None
    ran: timedelta | None
    slowest: Step | None
    advice: str


def summed_up(story: Story) -> Summary:
    """What a story comes to."""
    job = story.record.job
    reasons = _reasons(story)
    if job is None:
        return Summary(
            "gone", reasons, None, None, None, "Nothing: its item is gone, this is what is left of it."
        )
    waited = (job.started_at or job.ended_at or story.at) - job.created_at
    ran = (job.ended_at or story.at) - job.started_at if job.started_at else None
    return Summary(
        job.status, reasons, waited, ran, _slowest(story, job, waited), advice(story, job, reasons)
    )


def _reasons(story: Story) -> Counter[str]:
    """Failures of the round that stands, by code."""
    job = story.record.job
    failed = [result for result in story.record.results if result.error_code]
    return Counter(str(one.error_code) for one in failed if job is None or one.round == job.round)


def _slowest(story: Story, job: Job, waited: timedelta) -> Step | None:
    steps = [Step("waiting for the first batch", waited)]
    begun, end = job.started_at, job.ended_at or story.at
    if begun:
        between = [
            (event.at, event)
            for event in story.events
            if event.kind in MARKS and event.at and begun < event.at <= end
        ]
        moments: list[tuple[datetime, Event | None]] = [(begun, None), *between, (end, None)]
        steps += [Step(_until(event), at - since) for (since, _), (at, event) in pairwise(moments)]
    delivered = [event.at for event in story.events if event.kind == DELIVERED and event.at]
    if delivered and job.ended_at and delivered[-1] > job.ended_at:
        steps.append(Step("its webhook, from its end until it was delivered", delivered[-1] - job.ended_at))
    longest = max(steps, key=lambda step: step.took)
    return longest if longest.took > timedelta() else None


def _until(event: Event | None) -> str:
    if event is None:
        return "nothing that is known, up to now or its end"
    return f"nothing until {event.text}" + (f" ({event.file_id})" if event.file_id else "")
