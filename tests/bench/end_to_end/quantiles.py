"""Quantiles of times, by the nearest rank: each is a time that was measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds that 50, 95 and 99 of a hundred stay within, of `count` measurements."""

    p50: float
    p95: float
    p99: float
    count: int


def spread(seconds: Iterable[float]) -> Spread | None:
    """None when nothing was measured."""
    ordered = sorted(seconds)
    if not ordered:
        return None
    return Spread(nearest(ordered, 50), nearest(ordered, 95), nearest(ordered, 99), len(ordered))


def nearest(ordered: Sequence[float], percent: int) -> float:
    """The smallest of them that `percent` of a hundred do not exceed. They must be in order."""
    return ordered[max(1, ceil(len(ordered) * percent / 100)) - 1]


def busiest_second(moments: Iterable[float]) -> int:
    """The most of them in any one second, wherever it begins."""
    ordered = sorted(moments)
    most, first = 0, 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] >= 1:
            first += 1
        most = max(most, last - first + 1)
    return most


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """The most of them that overlap; one that begins as another ends does not overlap it."""
    # At the same moment an end, -1, comes before a beginning.
    steps = sorted(step for begin, end in spans for step in ((begin, 1), (end, -1)))
    most = open_now = 0
    for _, change in steps:
        open_now += change
        most = max(most, open_now)
    return most
