"""The head of a job's story: how it stands, what failed why, how fast it went, and what to do next."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from delineate.operator.advice import advice
from delineate.operator.event import DELIVERED
from delineate.operator.hold import hold
from delineate.operator.items import Job
from delineate.operator.pace import Pace, pace
from delineate.operator.story import Story


@dataclass(frozen=True)
class Summary:
    """`held` says why nothing happens in an open job; `notice` is from its end to its webhook's delivery."""

    status: str
    reasons: Counter[str]
    advice: str
    pace: Pace = field(default_factory=Pace)
    held: str | None = None
    notice: timedelta | None = None


def summed_up(story: Story) -> Summary:
    """What a story comes to."""
    job = story.record.job
    reasons = _reasons(story)
    if job is None:
        return Summary("gone", reasons, "Nothing: its item is gone, this is what is left of it.")
    speed = pace(story, job)
    held = hold(story, job, speed)
    to_do = advice(story, job, reasons, held.to_do if held else "")
    return Summary(job.status, reasons, to_do, speed, held.why if held else None, _notice(story, job))


def _reasons(story: Story) -> Counter[str]:
    """Failures of the round that stands, by code."""
    job = story.record.job
    failed = [result for result in story.record.results if result.error_code]
    return Counter(str(one.error_code) for one in failed if job is None or one.round == job.round)


def _notice(story: Story, job: Job) -> timedelta | None:
    delivered = [event.at for event in story.events if event.kind == DELIVERED and event.at]
    return (
        delivered[-1] - job.ended_at if delivered and job.ended_at and delivered[-1] > job.ended_at else None
    )
