"""Numbers and times as people read them."""

from collections.abc import Sequence
from datetime import datetime

UNITS = ("B", "kB", "MB", "GB", "TB")
STEP = 1000
LONGEST_QUOTE = 36
NAMED = 3
MINUTE, HOUR, HALF_A_DAY = 60, 3600, 43_200


def size(octets: float) -> str:
    """Bytes in decimal units: `950 B`, `1.2 MB`."""
    for unit in UNITS:
        if octets < STEP or unit == UNITS[-1]:
            break
        octets /= STEP
    return f"{octets:.0f} {unit}" if unit == UNITS[0] else f"{octets:.1f} {unit}"


def span(seconds: float) -> str:
    """A length of time: `0.4 s`, `42 s`, `3 min 5 s`, `2 h 10 min`."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < MINUTE:
        return f"{whole} s"
    if whole < HOUR:
        return f"{whole // MINUTE} min {whole % MINUTE} s"
    return f"{whole // HOUR} h {whole % HOUR // MINUTE} min"


def files(number: int) -> str:
    """`1 file`, `1,000 files`."""
    return f"{number:,} file{'' if number == 1 else 's'}"


def moment(at: datetime, now: datetime) -> str:
    """When it is, here: `16:40` within half a day of `now`, else `25 Nov 16:40`."""
    near = abs((at - now).total_seconds()) < HALF_A_DAY
    return f"{at.astimezone():%H:%M}" if near else f"{at.astimezone():%d %b %H:%M}"


def quoted(given: object) -> str:
    """What somebody gave, as it was written, or the begin of it."""
    if isinstance(given, str) and len(given) > LONGEST_QUOTE:
        return repr(f"{given[:LONGEST_QUOTE]}…")
    return repr(given)[: 2 * LONGEST_QUOTE]


def some(named: Sequence[str], between: str = ", ") -> str:
    """The first few of many, and how many more there are: `a, b, c and 4 more`."""
    shown, more = between.join(named[:NAMED]), len(named) - NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown
