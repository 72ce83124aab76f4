"""How long to wait before trying again."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_SECONDS = 20.0


def pauses(first: float = 0.5, longest: float = LONGEST_SECONDS) -> Iterator[float]:
    """Endless waits in seconds, doubling from `first` to `longest`, each shortened by up to a half.

    The jitter keeps clients that lost the same server from coming back all at once.
    """
    ceiling = first
    while True:
        yield ceiling * random.uniform(0.5, 1)  # noqa: S311 - spreads load, guards nothing
        ceiling = min(ceiling * 2, longest)


def retry_after(value: str | None) -> float | None:
    """The seconds a `Retry-After` header asks for (RFC 9110: seconds or a date), None without one."""
    if not value:
        return None
    try:
        return max(0.0, float(value)) if value.strip().isdigit() else _until(value)
    except ValueError:
        return None


def _until(date: str) -> float:
    moment = parsedate_to_datetime(date)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
