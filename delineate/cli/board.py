"""What a screen shows of a download, kept up to date from several threads."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from delineate.download.report import Fate, Outcome
from delineate.progress import JobState

RATE_SECONDS = 5.0
FAILURES_SHOWN = 5


@dataclass
class Transfer:
    """A file under way: so many of its bytes are on disk; `size` is None when nobody told."""

    file_id: int
    name: str
    size: int | None
    position: int = 0


@dataclass
class Board:
    """A `Listener` that remembers; bounded however large the job, but for one small record a file."""

    state: JobState
    known: frozenset[int] = frozenset()
    clock: Callable[[], float] = time.monotonic
    # Whether files are fetched, or the job is only watched.
    bringing: bool = True
    active: dict[int, Transfer] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    failures: deque[Outcome] = field(default_factory=lambda: deque(maxlen=FAILURES_SHOWN))
    failed: int = 0
    last_note: str = ""
    _received: int = 0
    _samples: deque[tuple[float, int]] = field(default_factory=deque)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """Start the clock, and keep what was done before: it says nothing of how fast things go."""
        self.began = self.clock()
        self._samples.append((self.began, 0))
        self.done_before = len(self.state.results)

    def __enter__(self) -> Self:
        """Hold everything still while it is drawn."""
        self._lock.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def job(self, state: JobState) -> None:
        """See `Listener`."""
        self.state = state

    def note(self, line: str) -> None:
        """See `Listener`."""
        self.last_note = line

    def started(self, file_id: int, name: str, size: int | None) -> None:
        """See `Listener`."""
        with self._lock:
            self.active[file_id] = Transfer(file_id, name, size, position=-1)

    def moved(self, file_id: int, position: int) -> None:
        """See `Listener`. The first position is what an earlier run left: it did not arrive now."""
        with self._lock:
            transfer = self.active[file_id]
            if transfer.position >= 0:
                self._received += max(0, position - transfer.position)
            transfer.position = position

    def ended(self, outcome: Outcome) -> None:
        """See `Listener`."""
        with self._lock:
            self.active.pop(outcome.file_id, None)
            self.outcomes[outcome.file_id] = outcome
            if outcome.fate is Fate.FAILED:
                self.failed += 1
                self.failures.append(outcome)

    @property
    def on_disk(self) -> int:
        """How many files are there."""
        return len(self.outcomes) - self.failed

    @property
    def stored(self) -> int:
        """The bytes of the job that are on disk."""
        whole = sum(outcome.size for outcome in self.outcomes.values())
        return whole + sum(max(0, transfer.position) for transfer in self.active.values())

    def rate(self) -> float:
        """Bytes a second, over the last five seconds."""
        now = self.clock()
        self._samples.append((now, self._received))
        while len(self._samples) > 1 and now - self._samples[0][0] > RATE_SECONDS:
            self._samples.popleft()
        since, before = self._samples[0]
        return (self._received - before) / (now - since) if now > since else 0.0

    def seconds_left(self) -> float | None:
        """About how long the preparation goes on; None while there is nothing to go by."""
        progress = self.state.progress
        done = progress.completed + progress.failed
        since = done - self.done_before
        return self.elapsed() * (progress.total - done) / since if since > 0 else None

    def seconds_to_bring(self) -> float | None:
        """About how long what is prepared will still take to arrive, at the present rate."""
        rate, prepared = self.rate(), sum(file.size or 0 for file in self.state.results.values())
        return (prepared - self.stored) / rate if rate and prepared > self.stored else None

    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock() - self.began
