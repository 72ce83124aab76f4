"""Writers that meet on one item: each waits a moment, drawn anew so that they do not meet again."""

import random
import time
from collections.abc import Callable

from downloads.errors import ContendedError

MOST_REFUSALS = 8
# Seconds: full jitter, as the AWS Architecture Blog has it ("Exponential Backoff And Jitter").
FIRST_PAUSE_S = 0.01
LONGEST_PAUSE_S = 0.2
Wait = Callable[[float], None]
real_wait: Wait = time.sleep  # noqa: TID251 # milliseconds, while writers collide


class Contention:
    """Counts the tries of one write that were in vain, and waits longer after each."""

    def __init__(self, job_id: str, wait: Wait = real_wait) -> None:
        self._job_id = job_id
        self._wait = wait
        self._refusals = 0

    def refused(self) -> None:
        """Waits before the next try. Raises ContendedError after the eighth in vain."""
        self._refusals += 1
        if self._refusals == MOST_REFUSALS:
            raise ContendedError(self._job_id)
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2**self._refusals)
        self._wait(random.uniform(0, longest))  # noqa: S311 # no secret
