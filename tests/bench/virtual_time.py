"""Threads on a clock of their own: one runs at a time, and time passes only while all of them sleep.

So adapters, which block, can be timed by a model of what they wait for, whatever else this machine is doing.
"""

import heapq
from collections.abc import Callable, Sequence
from itertools import count
from threading import Semaphore, Thread


class VirtualTime:
    """``now`` is in seconds since the first run began."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, Semaphore]] = []
        self._order = count()
        self._over = Semaphore(0)

    def sleep(self, seconds: float) -> None:
        """To be called by the thread whose turn it is; the others go on meanwhile."""
        turn = self._turn(self.now + seconds)
        self._next()
        turn.acquire()

    def run(self, parts: Sequence[Callable[[], None]]) -> None:
        """Runs all of them side by side, to the end of the last. Raises what the first raised that did."""
        faults: list[Exception] = []
        for part in parts:
            Thread(target=self._live, args=(self._turn(self.now), part, faults), daemon=True).start()
        self._next()
        self._over.acquire()
        if faults:
            raise faults[0]

    def _live(self, turn: Semaphore, part: Callable[[], None], faults: list[Exception]) -> None:
        turn.acquire()
        try:
            part()
        except Exception as fault:  # noqa: BLE001 # raised where the run was begun
            faults.append(fault)
        finally:
            self._next()

    def _turn(self, at: float) -> Semaphore:
        turn = Semaphore(0)
        heapq.heappush(self._sleepers, (at, next(self._order), turn))
        return turn

    def _next(self) -> None:
        if not self._sleepers:
            self._over.release()
            return
        self.now, _, turn = heapq.heappop(self._sleepers)
        turn.release()
