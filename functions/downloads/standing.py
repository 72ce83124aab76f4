"""How things stand at this moment: what is asked anew for each scrape, because nobody counts it."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache

from downloads import metrics, wiring
from downloads.aws.counters import Counted
from downloads.aws.levels import Level
from downloads.exposition import Gauge
from downloads.metrics import FUNCTIONS
from downloads.settings import ExposeSettings

WORKER = "process_file"


@cache
def last_empty() -> dict[str, float]:
    """When each lane was last seen empty, in seconds since 1970, for as long as this process lives."""
    return {}


def gauges(config: ExposeSettings, counted: Counted, now: datetime) -> tuple[Gauge, ...]:
    """Raises botocore's errors, or StateUnavailableError."""
    lanes = {lane.value: wiring.level(url) for lane, url in config.lanes.items()}
    letters = {name: wiring.level(url) for name, url in config.letter_queues.items()}
    active = counted.under_way[WORKER]
    return (
        _by("download_queue_size", "Files that wait, are worked on or held back.", "lane", _sizes(lanes)),
        _by(
            "download_queue_oldest_age_seconds",
            "At most: since the newest message that was taken had been sent, or the lane was empty.",
            "lane",
            {lane: _age(lane, level, counted, now) for lane, level in lanes.items()},
        ),
        _alone("download_worker_active_count", "Batches under way.", active),
        _alone(
            "download_worker_idle_count", "What the maximum leaves.", max(0, config.max_concurrency - active)
        ),
        _by("download_dead_letters", "Messages that were given up.", "queue", _sizes(letters)),
        _alone(
            "download_open_jobs", "Jobs to be finished, or to be told of.", wiring.jobs(config).open_jobs()
        ),
        _alone(
            "websocket_connections", "Opened less closed: about how many there are.", _connections(counted)
        ),
        _by(
            "lambda_concurrent_executions",
            "Runs under way.",
            "function",
            {function: counted.under_way[function] for function in FUNCTIONS},
        ),
    )


def _sizes(levels: Mapping[str, Level]) -> dict[str, float]:
    return {name: level.all for name, level in levels.items()}


def _age(lane: str, level: Level, counted: Counted, now: datetime) -> float:
    if not level.all:
        last_empty()[lane] = now.timestamp()
        return 0
    received = counted.numbers.get((metrics.RECEIVED_AT.name, lane), 0)
    since = max(received, last_empty().get(lane, 0))
    return max(0, now.timestamp() - since) if since else 0


def _connections(counted: Counted) -> float:
    opened, closed = (
        counted.numbers.get((metrics.CONNECTIONS.name, event), 0) for event in ("opened", "closed")
    )
    return max(0, opened - closed)


def _by(name: str, told: str, label: str, levels: Mapping[str, float]) -> Gauge:
    return Gauge(name, told, (label,), {(value,): level for value, level in levels.items()})


def _alone(name: str, told: str, level: float) -> Gauge:
    return Gauge(name, told, (), {(): level})
