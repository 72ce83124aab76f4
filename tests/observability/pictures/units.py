"""Numbers in the words that Grafana has for the units of the dashboard."""

import math

BEHIND = {"short": "", "ops": " ops/s", "reqps": " req/s"}
THOUSANDS = ("", " K", " Mil", " Bil")


def spell(value: float, unit: str) -> str:
    """A value as an axis or a big number has it: at most three digits that count.

    Raises:
        KeyError: a unit that no panel drawn here has.
    """
    if math.isnan(value):
        return "No data"
    if unit == "percentunit":
        return f"{_short(100 * value)}%"
    if unit == "s":
        return _seconds(value)
    power = min(int(math.log10(abs(value)) // 3), len(THOUSANDS) - 1) if abs(value) >= 1_000 else 0
    return f"{_short(value / 1_000**power)}{THOUSANDS[power]}{BEHIND[unit]}"


def _seconds(value: float) -> str:
    if abs(value) >= 60:
        return f"{_short(value / 60)} min"
    if 0 < abs(value) < 1:
        return f"{_short(1_000 * value)} ms"
    return f"{_short(value)} s"


def _short(value: float) -> str:
    return f"{value:.3g}"
