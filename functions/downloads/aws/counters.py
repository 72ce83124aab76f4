"""What all runs counted, summed up in the table: one update a run, in partitions that share the load.

An item is what runs of one function count for one route, so that an update is billed for little. Attributes
are named by the series, as JSON: ``["http_requests_total","GET","/health","200"]``, and of a histogram with
the place of the bucket (not cumulative), or ``"sum"``, behind that.
"""

import json
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.meter import Sample
from downloads.metrics import NAMED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTITIONS = 8
SUM = "sum"
UNDER_WAY = "run "
# What nothing adds to for so long starts again at 0, which Prometheus takes for a restart.
KEPT = timedelta(days=30)
Series = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the table holds: numbers by series, and for each function the runs that are under way."""

    numbers: dict[Series, float] = field(default_factory=lambda: defaultdict(float))
    under_way: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class DynamoCounters:
    """Adds and reads. Faults are botocore's: who calls decides what a lost count is worth."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @cached_property
    def _partition(self) -> str:
        """One for this process: runs side by side are most often of different processes."""
        return partition(random.randrange(PARTITIONS))  # noqa: S311 # no secret

    def begin(self, part: str, run_id: str, until: datetime) -> None:
        """Notes that a run is under way, ``until`` when at most."""
        change = {
            "UpdateExpression": "SET #run = :until",
            "ExpressionAttributeNames": {"#run": _mark(run_id)},
        }
        self._update(part, change | {"ExpressionAttributeValues": {":until": _number(until.timestamp())}})

    def end(self, part: str, run_id: str, samples: Iterable[Sample], now: datetime) -> None:
        """Adds what the run counted, and notes that it is over."""
        added, replaced = _summed(samples)
        names = {f"#a{place}": _attribute(series) for place, series in enumerate([*added, *replaced])}
        values = {
            f":a{place}": _number(value) for place, value in enumerate([*added.values(), *replaced.values()])
        }
        pairs = list(zip(names, values, strict=True))
        plus = ", ".join(f"{name} {value}" for name, value in pairs[: len(added)])
        sets = "".join(f", {name} = {value}" for name, value in pairs[len(added) :])
        self._update(
            part,
            {
                "UpdateExpression": f"SET expires_at = :kept{sets} REMOVE #run"
                + (f" ADD {plus}" if plus else ""),
                "ExpressionAttributeNames": {"#run": _mark(run_id), **names},
                "ExpressionAttributeValues": {":kept": _number(items.epoch_s(now + KEPT)), **values},
            },
        )

    def read(self, now: datetime) -> Counted:
        """All that was counted until now."""
        counted = Counted()
        pages = self._client.get_paginator("query")
        for number in range(PARTITIONS):
            found = pages.paginate(
                TableName=self._table,
                KeyConditionExpression="PK = :partition",
                ExpressionAttributeValues={":partition": {"S": partition(number)}},
                ConsistentRead=True,
            )
            for page in found:
                for item in page["Items"]:
                    _take_in(counted, item, now)
        return counted

    def _update(self, part: str, change: Any) -> None:
        key = {"PK": {"S": self._partition}, "SK": {"S": part}}
        self._client.update_item(TableName=self._table, Key=key, **change)


def partition(number: int) -> str:
    return f"METRICS#{number}"


def _summed(samples: Iterable[Sample]) -> tuple[dict[Series, float], dict[Series, float]]:
    """What is added, and what replaces what there was."""
    added: dict[Series, float] = defaultdict(float)
    replaced: dict[Series, float] = {}
    for sample in samples:
        series = (sample.metric.name, *sample.labels)
        if sample.metric.gauge:
            replaced[series] = sample.value
        elif sample.metric.bounds:
            added[*series, str(bisect_left(sample.metric.bounds, sample.value))] += 1
            added[*series, SUM] += sample.value
        else:
            added[series] += sample.value
    return added, replaced


def _take_in(counted: Counted, item: Any, now: datetime) -> None:
    function = item["SK"]["S"].partition(" ")[0]
    for name, value in item.items():
        if name.startswith("["):
            _take_number(counted, tuple(json.loads(name)), float(value["N"]))
        elif name.startswith(UNDER_WAY) and float(value["N"]) > now.timestamp():
            counted.under_way[function] += 1


def _take_number(counted: Counted, series: Series, value: float) -> None:
    metric = NAMED.get(series[0])
    if metric and metric.gauge:
        # Of several partitions the largest: a gauge here is a size, an age or a time.
        counted.numbers[series] = max(counted.numbers.get(series, value), value)
    else:
        counted.numbers[series] += value


def _attribute(series: Sequence[str]) -> str:
    return json.dumps(series, separators=(",", ":"))


def _mark(run_id: str) -> str:
    return f"{UNDER_WAY}{run_id}"


def _number(value: float) -> dict[str, str]:
    """To the microsecond: a sum of binary fractions would grow digits without end."""
    return {"N": f"{round(value, 6):.6f}".rstrip("0").rstrip(".")}
