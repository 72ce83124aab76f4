"""Counts as lines of CloudWatch's embedded metric format, by its specification in CloudWatch's guide.

Dimensions are the metric's own labels and no others.
"""

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from downloads.meter import Sample
from downloads.metrics import Metric

Labels = tuple[tuple[str, str], ...]
Values = dict[Metric, list[float]]
# What a metric may have in one line.
MOST_VALUES = 100


def write(samples: Iterable[Sample], namespace: str) -> None:
    """One line for each set of labels, on standard output, which is the function's log."""
    for labels, values in _by_labels(samples).items():
        for part in _parts(values):
            line = _line(namespace, dict(labels), part)
            print(json.dumps(line, separators=(",", ":")))  # noqa: T201 # it is the log


def _line(namespace: str, labels: dict[str, str], values: Values) -> dict[str, Any]:
    metrics = [{"Name": metric.name, "Unit": metric.unit} for metric in values]
    directive = {"Namespace": namespace, "Dimensions": [list(labels)], "Metrics": metrics}
    about = {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]}
    return {"_aws": about, **labels, **{metric.name: numbers for metric, numbers in values.items()}}


def _parts(values: Values) -> Iterator[Values]:
    longest = max(map(len, values.values()))
    for start in range(0, longest, MOST_VALUES):
        yield {
            metric: numbers[start : start + MOST_VALUES]
            for metric, numbers in values.items()
            if start < len(numbers)
        }


def _by_labels(samples: Iterable[Sample]) -> dict[Labels, Values]:
    found: dict[Labels, Values] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        metric, labels, value = sample.metric, sample.labels, sample.value
        if metric.in_cloudwatch:
            numbers = found[tuple(zip(metric.labels, labels, strict=True))][metric]
            # A count is one number; of a time each is told, for CloudWatch makes percentiles of them.
            if numbers and not (metric.bounds or metric.gauge):
                numbers[0] += value
            else:
                numbers.append(value)
    return found
