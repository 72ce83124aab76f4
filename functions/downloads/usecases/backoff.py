"""How long a message waits for its next attempt."""

import random

LONGEST_WAIT_S = 900


def backoff_s(attempt: int) -> int:
    """Seconds until the next attempt: up to 4, 16, 64, 256, 900, and at least half of that."""
    longest = min(4**attempt, LONGEST_WAIT_S)
    return round(random.uniform(longest / 2, longest))  # noqa: S311 # no secret
