"""Many like events become one line, so that a large job does not drown its reader."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from delineate import words
from delineate.operator.event import FAILED, READY, Event

FEW = 3
"""So many alike are still shown one by one."""
CROWDS = frozenset({READY, FAILED, "file", "request"})
TOOK = " in "


def folded(events: Iterable[Event]) -> Iterator[Event]:
    """Results, attempts, requests and DEBUG lines between two other events: those alike as one.

    Everything else (changes of status, webhooks, faults, the sweeper's looks) keeps its place and its line.
    """
    for crowd, group in groupby(events, key=lambda event: event.kind in CROWDS or event.level == "debug"):
        stretch = list(group)
        yield from _thinned(stretch) if crowd else stretch


def _thinned(crowd: list[Event]) -> Iterator[Event]:
    alike: dict[tuple[object, ...], list[Event]] = {}
    for event in crowd:
        alike.setdefault(_likeness(event), []).append(event)
    for event in crowd:
        run = alike[_likeness(event)]
        if len(run) <= FEW:
            yield event
        elif event is run[0]:
            yield _as_one(run)


def _as_one(run: list[Event]) -> Event:
    last = max((event.at for event in run if event.at), default=None)
    return replace(
        run[0],
        text=_together(run),
        file_id=None,
        attempt=None,
        trace_id=None,
        count=len(run),
        until=last,
        told=1,
    )


def _likeness(event: Event) -> tuple[object, ...]:
    if event.kind in (READY, FAILED):
        # What is known of a file from its item has its size besides.
        return event.kind, event.reason, event.at is None
    return event.source, event.kind, _without_time(event), event.reason


def _together(run: list[Event]) -> str:
    first, many = run[0], len(run)
    if first.kind in (READY, FAILED):
        return f"{words.files(many)} {first.kind}"
    return f"{many:,} × {_without_time(first)}"


def _without_time(event: Event) -> str:
    """Requests that differ in how long they took alone are alike."""
    return event.text.rpartition(TOOK)[0] if event.kind == "request" and TOOK in event.text else event.text
