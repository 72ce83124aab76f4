"""What the ways of watching a job share: where it stands, and how patient to be."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from delineate.api import Api
from delineate.progress import JobState, merge, merge_all
from delineate.stop import Stop
from delineate.watching import live
from delineate.watching.handshake import OPEN_SECONDS


@dataclass(frozen=True)
class Patience:
    """How long, in seconds, and how often things are tried."""

    silence: float = live.SILENCE_SECONDS
    connections: int = 3
    opening: float = OPEN_SECONDS
    # For a WebSocket that did not open the last time: meanwhile nothing is heard.
    opening_again: float = 3.0
    first_pause: float = 0.5
    poll: float = 2.0
    # A service may ask for other pauses, within these.
    poll_shortest: float = 0.25
    poll_longest: float = 60.0
    # API Gateway ends every answer within 30 s: one that lasts longer is dead.
    stream: float = 35.0
    # After so long without it, the WebSocket gets another chance.
    rejoin: float = 60.0
    # A service that cannot be reached for this long is given up.
    outage: float = 120.0


@dataclass
class Following:
    """A job that is being followed, by one way after another; `over` when nothing more will come."""

    api: Api
    held: JobState
    tell: Callable[[str], object]
    patience: Patience = field(default_factory=Patience)
    stop: Stop = field(default_factory=Stop)
    over: bool = False

    def __post_init__(self) -> None:
        """Calls that are under way end with the watch."""
        self.api = self.api.within(self.stop)

    def keep(self, state: JobState, over: bool) -> Iterator[JobState]:
        """Hold this state; yields it when it is news."""
        before, self.held, self.over = self.held, state, over
        if state != before:
            yield state

    def look(self) -> Iterator[JobState]:
        """One look at the counters, at the files only when they have changed. Raises as calls do."""
        told = self.api.status(self.held.job_id, limit=0)
        if told.version == self.held.version and self.held.whole and not told.status.ended:
            yield from self.keep(merge(self.held, told), over=False)
            return
        # The full list of an ended job is the last word, even if its counters say otherwise.
        listed = merge_all(self.held, self.api.status_pages(self.held.job_id))
        yield from self.keep(listed, over=told.status.ended)
