"""When to stop: somebody said so, or the time is over."""

import math
import threading
import time
from dataclasses import dataclass, field

from delineate.errors import Stopped


@dataclass(frozen=True)
class Stop:
    """An event that anybody may set, and a deadline by the monotonic clock."""

    event: threading.Event = field(default_factory=threading.Event)
    deadline: float = math.inf

    @classmethod
    def after(cls, seconds: float | None, event: threading.Event | None = None) -> "Stop":
        """In so many seconds, None for never, or when `event` is set."""
        deadline = math.inf if seconds is None else time.monotonic() + seconds
        return cls(event or threading.Event(), deadline)

    def is_set(self) -> bool:
        """Whether it is time to stop."""
        return self.event.is_set() or time.monotonic() >= self.deadline

    def check(self) -> None:
        """Raises `Stopped` when it is time."""
        if self.is_set():
            raise Stopped

    def within(self, seconds: float) -> float:
        """`seconds`, or what is left of them until the deadline."""
        return max(0.0, min(seconds, self.deadline - time.monotonic()))

    def pause(self, seconds: float) -> None:
        """Wait so long; raises `Stopped` as soon as it is time."""
        self.event.wait(self.within(seconds))
        self.check()
