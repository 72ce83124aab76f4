"""When each round of a job began and ended: every retry begins one, and in between nobody works."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from delineate.operator.event import FAILED, READY, Event
from delineate.operator.items import OPEN, Job
from delineate.operator.logs import Line
from delineate.operator.wording import whole


@dataclass(frozen=True)
class Round:
    """One round; a time is None where neither the item nor a log line tells it."""

    number: int
    begun: datetime | None
    ended: datetime | None


def rounds_of(job: Job, lines: Iterable[Line]) -> tuple[Round, ...]:
    """All rounds of a job, the one that stands last."""
    begun, ended = {1: job.created_at}, {}
    for line in lines:
        number = whole(line.fields.get("round"))
        if line.fields.get("message") != "job" or number is None:
            continue
        if line.fields.get("status") not in OPEN:
            ended[number] = line.at
        elif line.fields.get("was") and line.fields["was"] not in OPEN:
            begun.setdefault(number, line.at)
    last = Round(job.round, begun.get(job.round), job.ended_at)
    return (*(Round(n, begun.get(n), ended.get(n)) for n in range(1, job.round)), last)


def told_once(events: Iterable[Event], rounds: Sequence[Round]) -> list[Event]:
    """Attempts at files, each once: the same file, outcome and attempt in one round is one event."""
    starts = sorted(one.begun for one in rounds if one.begun)
    once: dict[object, Event] = {}
    for place, event in enumerate(events):
        key: object = place
        if event.kind in {READY, FAILED, "file"} and event.attempt and event.at:
            key = (event.file_id, event.text, event.attempt, bisect_right(starts, event.at))
        before = once.get(key)
        once[key] = replace(before, told=before.told + 1) if before else event
    return list(once.values())
