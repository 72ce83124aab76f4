"""What all runs counted, summed up in the table: one update a run, in partitions that share the load.

An item is what runs of one function count for one route, so that an update is billed for little. Attributes
are named by the series, as JSON: ``["http_requests_total","GET","/health","200"]``, and of a histogram with
the place of the bucket (not cumulative), or ``"sum"``, behind that. These items never expire: one of many
that starts again at 0 would make a sum fall, which Prometheus takes for a restart of the whole.
"""

import json
import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from downloads.aws import items
from downloads.aws.faults import translated
from downloads.meter import Sample
from downloads.metrics import NAMED

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PARTITIONS = 8
SUM = "sum"
RUN = "run"
Series = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """What the table holds: numbers by series, and for each function the runs that are under way.

    Of a gauge that several processes tell, the number is the one that was told last.
    """

    numbers: dict[Series, float] = field(default_factory=lambda: defaultdict(float))
    under_way: dict[str, int] = field(default_factory=lambda: defaultdict(int))


class DynamoCounters:
    """Adds and reads. Raises StateUnavailableError, also when what was added may have arrived."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    @cached_property
    def _partition(self) -> str:
        """One for this process: runs side by side are most often of different processes."""
        return partition(random.randrange(PARTITIONS))  # noqa: S311 # no secret

    @translated
    def begin(self, function: str, run_id: str, until: datetime) -> None:
        """Notes that a run is under way, ``until`` when at most: one that is cut off says no more."""
        moments = {"until": until, "expires_at": items.epoch_s(until)}
        self._client.put_item(
            TableName=self._table, Item=self._mark(function, run_id) | items.to_values(moments)
        )

    @translated
    def end(self, function: str, run_id: str) -> None:
        self._client.delete_item(TableName=self._table, Key=self._mark(function, run_id))

    @translated
    def add(self, part: str, samples: Iterable[Sample], now: datetime) -> None:
        """Adds what a run counted; ``part`` is its function, and the route if it answered one."""
        added, replaced = _summed(samples)
        series = [*added, *replaced]
        if not series:
            return
        numbers = [*added.values(), *replaced.values()]
        pairs = [(f"#n{place}", f":v{place}") for place in range(len(series))]
        plus = ", ".join(f"{name} {value}" for name, value in pairs[: len(added)])
        sets = "".join(f", {name} = {value}" for name, value in pairs[len(added) :])
        self._client.update_item(
            TableName=self._table,
            Key={"PK": {"S": self._partition}, "SK": {"S": part}},
            UpdateExpression=f"SET told_at = :now{sets}" + (f" ADD {plus}" if plus else ""),
            ExpressionAttributeNames={
                name: _attribute(each) for (name, _), each in zip(pairs, series, strict=True)
            },
            ExpressionAttributeValues={
                ":now": _number(now.timestamp()),
                **{value: _number(each) for (_, value), each in zip(pairs, numbers, strict=True)},
            },
        )

    @translated
    def read(self, now: datetime) -> Counted:
        """All that was counted until now."""
        counted, told_at = Counted(), dict[Series, float]()
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
                    _take_in(counted, told_at, item, now)
        return counted

    def _mark(self, function: str, run_id: str) -> items.Item:
        return {"PK": {"S": self._partition}, "SK": {"S": f"{RUN} {function} {run_id}"}}


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


def _take_in(counted: Counted, told_at: dict[Series, float], item: Any, now: datetime) -> None:
    kind, _, rest = item["SK"]["S"].partition(" ")
    if kind == RUN:
        if items.moment(item["until"]["N"]) > now:
            counted.under_way[rest.partition(" ")[0]] += 1
        return
    moment = float(item["told_at"]["N"])
    for name, value in item.items():
        if name.startswith("["):
            series = tuple(json.loads(name))
            if not NAMED[series[0]].gauge:
                counted.numbers[series] += float(value["N"])
            elif moment >= told_at.get(series, 0):
                counted.numbers[series], told_at[series] = float(value["N"]), moment


def _attribute(series: Sequence[str]) -> str:
    return json.dumps(series, separators=(",", ":"))


def _number(value: float) -> dict[str, str]:
    """To the microsecond: a sum of binary fractions would grow digits without end."""
    return {"N": f"{round(value, 6):.6f}".rstrip("0").rstrip(".")}
