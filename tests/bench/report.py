"""What a bench found, and how it is written.

A bench is a module of this package with ``run(told) -> Report``: it tells of its steps by ``told("step")``
while it runs, ends in bounded time, and compares what it measured with floors of the same run. Figures are
ratios or counts: seconds stand beside them for orientation only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

Told = Callable[[str], None]


class Bound(Enum):
    """Which side of its limit a figure has to be on."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure that was measured, and the limit that it is held to."""

    name: str
    measured: float
    limit: float
    bound: Bound = Bound.AT_MOST
    unit: str = ""

    @property
    def held(self) -> bool:
        if self.bound is Bound.AT_MOST:
            return self.measured <= self.limit
        return self.measured >= self.limit


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a head; ``note`` says what a reader has to know of them."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """One section of docs/benchmarks.md. ``intro`` says what is measured, how, and against what."""

    title: str
    intro: str
    tables: Sequence[Table]
    goals: Sequence[Goal] = field(default=())
    trial: bool = False
    """Too small a run to be published: it is shown, and written nowhere."""

    @property
    def held(self) -> bool:
        return all(goal.held for goal in self.goals)


def figure(value: float) -> str:
    """Three digits that count, without an exponent: 0.0123, 1.23, 12.3, 123, 12,345."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    digits = 3 - len(f"{abs(value):.0f}") if abs(value) >= 1 else 2 - _exponent(value)
    return f"{value:.{max(0, digits)}f}"


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])
