"""Counts kept in the table, where GET /metrics is on: added once a run, and missed rather than doubled."""

from collections.abc import Sequence
from datetime import UTC, datetime

from downloads import wiring
from downloads.errors import StateUnavailableError
from downloads.meter import Sample
from downloads.settings import RunSettings
from downloads.telemetry import logger

# Whose runs are shown while they last: of the others the sum of their seconds says how many there were.
WATCHED = {"process_file"}


def begin(function: str, run_id: str, until: datetime) -> None:
    """Notes a run of the worker, ``until`` when it lasts at most."""
    config = wiring.settings(RunSettings)
    if not config.keep_metrics or function not in WATCHED or wiring.counting_rest().on:
        return
    try:
        wiring.counters(config).begin(function, run_id, until)
    except StateUnavailableError as fault:
        _give_up("a run was not noted", 0, fault)


def end(part: str, run_id: str, samples: Sequence[Sample]) -> None:
    """Adds what a run counted; ``part`` begins with its function."""
    config, function = wiring.settings(RunSettings), part.partition(" ")[0]
    if not config.keep_metrics:
        return
    if wiring.counting_rest().on:
        logger().warning("counts were lost", extra={"samples": len(samples)})
        return
    try:
        wiring.counters(config).add(part, samples, datetime.now(UTC))
        if function in WATCHED:
            wiring.counters(config).end(function, run_id)
    except StateUnavailableError as fault:
        # Told again, they might be counted twice: they may have been added before the answer was lost.
        _give_up("counts were lost", len(samples), fault)


def _give_up(message: str, samples: int, fault: Exception) -> None:
    wiring.counting_rest().begin()
    logger().warning(message, extra={"samples": samples}, exc_info=fault)
