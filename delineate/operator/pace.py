"""How fast a job went, and what kept it: of the round that stands, for between rounds nobody works."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from delineate.operator.event import FAILED, READY, Event
from delineate.operator.items import Job
from delineate.operator.kept import SAME
from delineate.operator.story import Story

WORK = frozenset({READY, FAILED, "file"})
MARKS = WORK | {"job"}
"""Kinds of events that bring a job on, or try to; that the sweeper looked at it does not."""
LONG, SHARE = timedelta(seconds=1), 5
"""A gap is told from this length on, if it is at least that part (a fifth) of the time the round ran."""


@dataclass(frozen=True)
class Gap:
    """A stretch in which nothing known happened; `until` is None when nothing known ended it."""

    took: timedelta
    until: Event | None


@dataclass(frozen=True)
class Pace:
    """Times of the round that stands; None where nothing tells.

    `waited` is from the asking to the first work, `ran` from there to the end or to now. `half` and `last`
    are how long after the asking half of the files, and the last, were ready. `vain` counts attempts that
    came to nothing, by reason. `quiet` is how long ago anything is known to have happened in an open job.
    """

    waited: timedelta | None = None
    ran: timedelta | None = None
    files_a_second: float | None = None
    half: timedelta | None = None
    last: timedelta | None = None
    vain: Counter[str] = field(default_factory=Counter)
    gap: Gap | None = None
    quiet: timedelta | None = None


def pace(story: Story, job: Job) -> Pace:
    """The pace of a job's last round; all of it is unknown where no line tells when that began."""
    asked_at = story.rounds[-1].begun
    if asked_at is None:
        return Pace()
    end = job.ended_at or story.at
    marks = list(_marks(story.events, asked_at, end))
    first = job.started_at if job.round == 1 else _first(marks)
    ran = end - first if first else None
    quiet = end - max([asked_at, *_times(marks)]) if job.open else None
    ready = sorted(at - asked_at for at in _times(event for event in marks if event.kind == READY))
    return Pace(
        waited=(first or end) - asked_at,
        ran=ran,
        files_a_second=_speed(story, job, ran),
        half=timedelta(seconds=median(one.total_seconds() for one in ready)) if ready else None,
        last=ready[-1] if ready else None,
        vain=Counter(event.reason or "no reason" for event in marks if event.kind == "file"),
        gap=_gap(first, marks, end),
        quiet=quiet,
    )


def _marks(events: Iterable[Event], begun: datetime, end: datetime) -> Iterator[Event]:
    """What happened in between; the line that tells of an end is a moment later than the end itself."""
    for event in events:
        if event.kind in MARKS and event.at and begun < event.at <= end + SAME:
            yield replace(event, at=min(event.at, end))


def _times(events: Iterable[Event]) -> list[datetime]:
    return [event.at for event in events if event.at]


def _first(marks: Sequence[Event]) -> datetime | None:
    return next((event.at for event in marks if event.kind in WORK), None)


def _speed(story: Story, job: Job, ran: timedelta | None) -> float | None:
    """Files with a result in this round, by the time it ran."""
    files = sum(result.round == job.round and not result.restored_by for result in story.record.results)
    return files / ran.total_seconds() if ran and files else None


def _gap(first: datetime | None, marks: Sequence[Event], end: datetime) -> Gap | None:
    """The longest stretch of the work, when it is worth a line."""
    if first is None:
        return None
    moments: list[tuple[datetime, Event | None]] = [(first, None)]
    moments += [(event.at, event) for event in marks if event.at and event.at > first]
    gaps = [Gap(at - since, event) for (since, _), (at, event) in pairwise([*moments, (end, None)])]
    longest = max(gaps, key=lambda gap: gap.took)
    return longest if longest.took >= max(LONG, (end - first) / SHARE) else None
