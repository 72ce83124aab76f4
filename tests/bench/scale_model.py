"""What a job a second uses of each thing that is limited, and how many jobs a second fill it."""

import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra_cdk import mappings
from infra_cdk.config import Config
from tests.bench.cloud.play import Played
from tests.bench.cloud.stream import passed, record_of
from tests.bench.durations import durations

FILE = Path(__file__).with_name("limits.toml")


@dataclass(frozen=True, slots=True)
class Limited:
    """Something of which there is only so much: what a job a second uses, and what stops it at present.

    ``most`` is what the setting may be raised to, where there is one; a limit of AWS's own has none.
    """

    name: str
    use: float
    limit: float
    moved_by: str
    most: float | None = None

    @property
    def jobs_a_second(self) -> float:
        return self.limit / self.use

    @property
    def jobs_a_second_at_most(self) -> float:
        return (self.most or self.limit) / self.use

    def full(self, jobs_a_second: float) -> float:
        """Share of the limit that so many jobs use; above 1 they wait or are refused."""
        return jobs_a_second / self.jobs_a_second


def limited(played: Played, config: Config) -> Sequence[Limited]:
    """Everything that one such job uses, the scarcest first."""
    found = [*_settings(played, config), *_quotas(played)]
    return sorted(found, key=lambda one: one.jobs_a_second)


def files_a_second_of_one_job(played: Played) -> float:
    """Until the partition is full that takes the most of what a file writes."""
    ((_, units),) = played.cloud.table.units_by_partition.most_common(1)
    return limits()["partition_writes"]["value"] / (units / played.files)


def _settings(played: Played, config: Config) -> list[Limited]:
    """What a setting of this service limits: at its present value, and at its most."""
    shards, requests = limits()["table_partitions"]["value"], len(played.http_bytes)
    return [
        Limited(
            "Normal lane: batches at once",
            _seconds(played, "process_file"),
            config.normal_concurrency,
            "MAX_CONCURRENCY",
            limits()["lane_concurrency_most"]["value"],
        ),
        Limited(
            "publish_progress: batches of the stream at once",
            _publishing_seconds(played, config),
            shards * config.stream_parallelization,
            "STREAM_PARALLELIZATION",
            shards * limits()["stream_factor_most"]["value"],
        ),
        Limited(
            "HTTP API: requests a second",
            requests,
            config.api_rate_limit,
            "API_RATE_LIMIT",
            limits()["http_requests"]["value"],
        ),
        Limited(
            "WebSocket API: connections a second",
            1,
            min(config.websocket_rate_limit, limits()["websocket_connects"]["value"]),
            "WEBSOCKET_RATE_LIMIT",
            limits()["websocket_connects"]["value"],
        ),
    ]


def _quotas(played: Played) -> list[Limited]:
    writes = played.cloud.tally.of("dynamodb").write_units
    everybody = sum(_seconds(played, name) for name in played.ran)
    in_flight = played.files * _seconds(played, "process_file") / max(1, played.ran["process_file"].runs)
    used = {
        "lambda_concurrency": everybody,
        "queue_in_flight": in_flight,
        "websocket_posts": len(played.cloud.frames),
        "s3_requests": played.cloud.tally.of("s3").calls,
    }
    told = limits()
    table = told["table_writes"]
    return [
        Limited(
            table["what"], writes, table["value"], table["moved_by"], told["table_writes_quota"]["value"]
        ),
        *(
            Limited(told[name]["what"], use, told[name]["value"], told[name]["moved_by"])
            for name, use in used.items()
        ),
    ]


def _seconds(played: Played, function: str) -> float:
    """Of a function's runs for one job: so many run at once when one job comes a second (Little's law)."""
    return played.ran[function].ms / 1_000


def _publishing_seconds(played: Played, config: Config) -> float:
    """A job's share of full batches: under load a batch of the stream holds records of several jobs."""
    records = passed((record_of(0, change) for change in played.cloud.table.changes), mappings.STREAM_FILTERS)
    jobs = max(1, mappings.STREAM_BATCH // len(records))
    made = played.cloud.tally.counts.items()
    calls = Counter(
        {called.operation: jobs * one.calls for called, one in made if called.by == "publish_progress"}
    )
    return durations().run_ms(calls, jobs * len(records), config.memory_mb) / jobs / 1_000


@cache
def limits() -> Mapping[str, dict[str, Any]]:
    return tomllib.loads(FILE.read_text())
