"""How things stand at this moment: what is asked anew for each scrape, because nobody counts it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from downloads import metrics, wiring
from downloads.aws.counters import SUM, Counted
from downloads.aws.levels import Level
from downloads.exposition import Gauge
from downloads.metrics import FUNCTIONS
from downloads.settings import ExposeSettings
from downloads.telemetry import meter

WORKER = "process_file"
OLDEST = "At most: since the newest message that was taken had been sent, or the lane was empty."
AT_ONCE = "Runs at once, on the average since the scrape before; of the worker, those under way."


@dataclass(slots=True)
class Look:
    """When this process looked last, and how many seconds the runs of each function had taken by then."""

    at: datetime | None = None
    seconds: dict[str, float] = field(default_factory=dict)


@cache
def last_look() -> Look:
    return Look()


def gauges(config: ExposeSettings, counted: Counted, now: datetime) -> tuple[Gauge, ...]:
    """Raises StateUnavailableError."""
    lanes = {lane.value: wiring.level(url) for lane, url in config.lanes.items()}
    letters = {name: wiring.level(url) for name, url in config.letters.items()}
    ages = {lane: _age(lane, level, counted, now) for lane, level in lanes.items()}
    bundles = wiring.level(config.bundle_queue_url).all
    active = counted.under_way[WORKER]
    idle = max(0, config.max_concurrency - active)
    jobs = wiring.jobs(config).open_jobs()
    return (
        _by("download_queue_size", "Files that wait, are worked on or held back.", "lane", _sizes(lanes)),
        _by("download_queue_waiting", "Files that could be worked on now.", "lane", _waiting(lanes)),
        _by("download_queue_oldest_age_seconds", OLDEST, "lane", _known(ages)),
        _alone("download_bundle_queue_size", "Bundles that wait or are made.", bundles),
        _alone("download_worker_active_count", "Batches under way.", active),
        _alone("download_worker_idle_count", "What the maximum leaves.", idle),
        _by("download_dead_letters", "Messages that were given up.", "queue", _sizes(letters)),
        _alone("download_open_jobs", "Jobs to be finished, or to be told of.", jobs),
        _alone(
            "websocket_connections", "Opened less closed: about how many there are.", _connections(counted)
        ),
        _by("lambda_concurrent_executions", AT_ONCE, "function", _at_once(counted, now)),
    )


def _sizes(levels: Mapping[str, Level]) -> dict[str, float]:
    return {name: level.all for name, level in levels.items()}


def _waiting(levels: Mapping[str, Level]) -> dict[str, float]:
    return {name: level.visible for name, level in levels.items()}


def _known(levels: Mapping[str, float | None]) -> dict[str, float]:
    return {name: level for name, level in levels.items() if level is not None}


def _age(lane: str, level: Level, counted: Counted, now: datetime) -> float | None:
    """None while the lane was never seen empty, and nothing was taken from it."""
    if not level.all:
        # Kept as what this run counts is: the process that looks next may be another.
        meter().add(metrics.EMPTY_AT, now.timestamp(), lane=lane)
        return 0
    moments = [
        counted.numbers.get((metric.name, lane), 0) for metric in (metrics.RECEIVED_AT, metrics.EMPTY_AT)
    ]
    return max(0, now.timestamp() - max(moments)) if any(moments) else None


def _connections(counted: Counted) -> float:
    opened, closed = (
        counted.numbers.get((metrics.CONNECTIONS.name, event), 0) for event in ("opened", "closed")
    )
    return max(0, opened - closed)


def _at_once(counted: Counted, now: datetime) -> dict[str, float]:
    """Little's law: seconds of runs a second are runs at once. The worker's are noted one by one."""
    look = last_look()
    seconds = {
        function: counted.numbers.get((metrics.RUN_SECONDS.name, function, SUM), 0) for function in FUNCTIONS
    }
    passed = (now - look.at).total_seconds() if look.at else 0
    before, look.seconds, look.at = look.seconds, seconds, now
    if not passed:
        return {WORKER: counted.under_way[WORKER]}
    average = {function: max(0, seconds[function] - before[function]) / passed for function in FUNCTIONS}
    return average | {WORKER: counted.under_way[WORKER]}


def _by(name: str, told: str, label: str, levels: Mapping[str, float]) -> Gauge:
    return Gauge(name, told, (label,), {(value,): level for value, level in levels.items()})


def _alone(name: str, told: str, level: float) -> Gauge:
    return Gauge(name, told, (), {(): level})
