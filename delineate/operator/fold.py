"""Many like events in a row become one line, so that a large job does not drown its reader."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from delineate import words
from delineate.operator.event import FAILED, READY, Event

FEW = 3
"""So many in a row are still shown one by one."""


def folded(events: Iterable[Event]) -> Iterator[Event]:
    """Runs of ready files, of files that failed for one reason, and of one and the same line, each as one."""
    for _, group in groupby(events, key=_likeness):
        run = list(group)
        if len(run) <= FEW:
            yield from run
        else:
            last = max((event.at for event in run if event.at), default=None)
            yield replace(run[0], text=_together(run), file_id=None, attempt=None, count=len(run), until=last)


def _likeness(event: Event) -> tuple[object, ...]:
    if event.kind in (READY, FAILED):
        return event.source, event.kind, event.reason, event.at is None
    if event.kind == "request":
        # Polls differ in how long they took.
        return event.source, event.kind, event.text.rpartition(" in ")[0]
    if event.kind == "file":
        return event.source, event.text, event.reason
    return event.source, event.kind, event.text, event.attempt


def _together(run: list[Event]) -> str:
    first, many = run[0], words.files(len(run))
    if first.kind == READY:
        return f"{many} ready"
    if first.kind == FAILED:
        return f"{many} failed"
    if first.kind == "request":
        return f"{len(run):,} × {first.text.rpartition(' in ')[0]}"
    if first.kind == "file":
        return f"{len(run):,} × {first.text}"
    return f"{len(run):,} × {first.text}"
