"""What tracing looks like from inside: pieces of work with a name, a parent and a few attributes."""

from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from downloads.trace import Trace

Attributes = Mapping[str, str | int | float | bool]
NONE: Attributes = {}


class Span(Protocol):
    """A piece of work under way."""

    @property
    def trace(self) -> Trace:
        """What to hand on, so that more work is found below this one."""

    def note(self, attributes: Attributes) -> None:
        """Says more of it than was known when it began."""


class Spans(Protocol):
    """Tells a tracing service of pieces of work. Nothing that goes wrong in telling is raised."""

    def span(
        self, name: str, attributes: Attributes = NONE, parent: Trace | None = None
    ) -> AbstractContextManager[Span]:
        """Work that goes on while the block does; an exception that leaves it is recorded, and raised.

        Without ``parent`` it is below the span that this thread is in, or begins a trace of its own.
        """

    def past(
        self, name: str, start: datetime, end: datetime, attributes: Attributes = NONE, *, parent: Trace
    ) -> None:
        """Work that was done already, such as a wait."""

    def flush(self) -> None:
        """Sends what is not sent yet: before a function's run ends, for the next may never come."""


@dataclass(frozen=True, slots=True)
class Untold:
    """A span that nobody hears of; its parent's place in the trace is handed on."""

    trace: Trace

    def note(self, attributes: Attributes) -> None:
        """Nothing."""


# Where this thread is. OpenTelemetry keeps a place of its own.
_here: ContextVar[Trace | None] = ContextVar("here", default=None)


def here() -> Trace | None:
    """The place of the span that this thread is in."""
    return _here.get()


@contextmanager
def at(place: Trace) -> Generator[None]:
    """This thread is there while the block goes on."""
    token = _here.set(place)
    try:
        yield
    finally:
        _here.reset(token)


class NoSpans:
    """Tracing is off: ids are still handed on, for the logs and for whoever traces before and after."""

    @contextmanager
    def span(
        self,
        name: str,  # noqa: ARG002 # as in the port
        attributes: Attributes = NONE,  # noqa: ARG002 # as above
        parent: Trace | None = None,
    ) -> Generator[Span]:
        place = parent or here() or Trace.begun()
        with at(place):
            yield Untold(place)

    def past(
        self, name: str, start: datetime, end: datetime, attributes: Attributes = NONE, *, parent: Trace
    ) -> None:
        """Nothing."""

    def flush(self) -> None:
        """Nothing."""


UNTRACED = NoSpans()
