"""How far a download is, for programs that want to be told."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from delineate.download.report import Fate, Outcome
from delineate.progress import JobState
from delineate.standing import JobStatus

# Bytes arrive thousands of times a second: nobody wants to hear of each.
TOLD_EVERY_SECONDS = 0.1


@dataclass(frozen=True)
class DownloadProgress:
    """Of `total` files, `prepared` can be had, `on_disk` are here, `failed` will not be; sizes in bytes."""

    total: int
    status: JobStatus = JobStatus.QUEUED
    prepared: int = 0
    on_disk: int = 0
    failed: int = 0
    bytes_on_disk: int = 0


class CallersFault(Exception):
    """Wraps what the caller's own function raised, lest it be taken for a fault of the disk."""

    def __init__(self, fault: Exception) -> None:
        super().__init__(fault)
        self.fault = fault


@contextmanager
def callers_faults() -> Iterator[None]:
    """Raise what the caller's function raised as it was."""
    try:
        yield
    except CallersFault as wrapped:
        raise wrapped.fault from None


class Telling:
    """A `Listener` that calls `tell`, never twice at a time: at each change, of bytes ten times a second."""

    def __init__(self, total: int, tell: Callable[[DownloadProgress], None]) -> None:
        self._tell = tell
        self._now = DownloadProgress(total)
        self._lock = threading.Lock()
        self._moving: dict[int, int] = {}
        self._whole = 0
        self._last = 0.0

    def job(self, state: JobState) -> None:
        """See `Listener`."""
        with self._lock:
            self._now = replace(
                self._now,
                total=state.progress.total,
                status=state.status,
                prepared=state.progress.completed,
            )
            self._say()

    def note(self, line: str) -> None:
        """See `Listener`."""

    def started(self, file_id: int, name: str, size: int | None) -> None:
        """See `Listener`."""

    def moved(self, file_id: int, position: int) -> None:
        """See `Listener`."""
        with self._lock:
            self._moving[file_id] = position
            if time.monotonic() - self._last >= TOLD_EVERY_SECONDS:
                self._say()

    def ended(self, outcome: Outcome) -> None:
        """See `Listener`."""
        with self._lock:
            self._moving.pop(outcome.file_id, None)
            self._whole += outcome.size
            failed = outcome.fate is Fate.FAILED
            self._now = replace(
                self._now, on_disk=self._now.on_disk + (not failed), failed=self._now.failed + failed
            )
            self._say()

    def _say(self) -> None:
        self._last = time.monotonic()
        self._now = replace(self._now, bytes_on_disk=self._whole + sum(self._moving.values()))
        try:
            self._tell(self._now)
        except Exception as fault:
            raise CallersFault(fault) from fault
