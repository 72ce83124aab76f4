"""How often the watchers of a job are told of it: what happens in between is told together."""

import time
from collections.abc import Callable, Iterable
from math import inf
from time import monotonic

# Eight frames a second are more than anybody sees, and leave a connection room below ten.
BETWEEN_S = 0.125


class FrameRate:
    """Remembers when this process last told of each job.

    A job's records are read in their order, one batch after another: who waits has the next batch grow.
    Lambda reads a shard four times a second; an event source that is quicker, as the emulator's, is held up.
    """

    def __init__(self, wait: Callable[[float], None] = time.sleep) -> None:  # noqa: TID251 # an eighth of a second
        self._wait = wait
        self._told: dict[str, float] = {}

    def in_turn(self, job_ids: Iterable[str]) -> list[str]:
        """Those whose turn has come first, so that they wait for nobody."""
        return sorted(job_ids, key=lambda job_id: self._told.get(job_id, -inf))

    def await_turn(self, job_id: str) -> None:
        """Returns at once, unless the job was told of less than ``BETWEEN_S`` ago."""
        since = monotonic() - self._told.get(job_id, -inf)
        if since < BETWEEN_S:
            self._wait(BETWEEN_S - since)

    def note(self, job_id: str) -> None:
        """The job was told of now."""
        now = monotonic()
        self._told = {known: at for known, at in self._told.items() if now - at < BETWEEN_S}
        self._told[job_id] = now
