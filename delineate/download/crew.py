"""A fixed number of threads that work off file ids as they come."""

import queue
import threading
from collections.abc import Callable

from delineate.errors import Stopped

LOOK_UP_SECONDS = 0.2


class Crew:
    """Runs `work(file_id)` on `size` threads at a time.

    The threads are daemons: a stalled connection must not hold up a person who pressed Ctrl-C.
    """

    def __init__(self, size: int, work: Callable[[int], None], stop: threading.Event) -> None:
        self._work = work
        self._stop = stop
        self._fault: BaseException | None = None
        self._ids: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._labour, daemon=True) for _ in range(size)]
        for thread in self._threads:
            thread.start()

    def give(self, file_id: int) -> None:
        """Have this file worked on as soon as a thread is free; raises what broke a thread earlier."""
        self.raise_fault()
        self._ids.put(file_id)

    def finish(self) -> None:
        """Wait until everything given is done.

        Raises what `work` did not handle, and `Stopped` when it was called off: some may still be at it.
        """
        for _ in self._threads:
            self._ids.put(None)
        for thread in self._threads:
            while thread.is_alive() and not self._stop.is_set():
                thread.join(LOOK_UP_SECONDS)
        self.raise_fault()
        if self._stop.is_set():
            raise Stopped

    def dismiss(self, patience: float = 1.0) -> None:
        """Call the work off; wait up to `patience` seconds in all for the threads to put it down."""
        self._stop.set()
        for _ in self._threads:
            self._ids.put(None)
        for thread in self._threads:
            thread.join(patience / len(self._threads))

    def _labour(self) -> None:
        while not self._stop.is_set() and (file_id := self._ids.get()) is not None:
            try:
                self._work(file_id)
            except Stopped:
                return
            except BaseException as fault:  # noqa: BLE001 - carried to the thread that waits, see raise_fault
                self._fault = fault
                self._stop.set()

    def raise_fault(self) -> None:
        """Raises what broke a thread, if anything did."""
        if self._fault is not None:
            raise self._fault
