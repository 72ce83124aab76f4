"""Something that failed is left alone for a while, so that not every run waits for who is away."""

import time
from collections.abc import Callable

REST_S = 30.0
Clock = Callable[[], float]


class Rest:
    """Between ``begin`` and half a minute later, ``on`` is true. ``clock`` is monotonic, in seconds."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._until: float | None = None

    @property
    def on(self) -> bool:
        return self._until is not None and self._clock() < self._until

    def begin(self) -> None:
        self._until = self._clock() + REST_S

    def end(self) -> None:
        self._until = None
