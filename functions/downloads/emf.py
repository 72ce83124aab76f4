"""Counts as lines of CloudWatch's embedded metric format, written by Powertools ("Specification: Embedded
metric format", CloudWatch's guide): dimensions are the metric's own labels and no others.
"""

from collections import defaultdict
from collections.abc import Iterable

from aws_lambda_powertools.metrics import EphemeralMetrics

from downloads.meter import Sample
from downloads.metrics import Metric

Labels = tuple[tuple[str, str], ...]


def write(samples: Iterable[Sample], namespace: str) -> None:
    """One line for each set of labels, on standard output, which is the function's log."""
    for labels, values in _by_labels(samples).items():
        line = EphemeralMetrics(namespace=namespace, service="")
        for name, text in labels:
            line.add_dimension(name, text)
        for metric, observed in values.items():
            # A count is one number; of a time each is told, for CloudWatch makes percentiles of them.
            for value in observed if metric.bounds or metric.gauge else [sum(observed)]:
                line.add_metric(metric.name, metric.unit, value)
        line.flush_metrics()


def _by_labels(samples: Iterable[Sample]) -> dict[Labels, dict[Metric, list[float]]]:
    found: dict[Labels, dict[Metric, list[float]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        if sample.metric.in_cloudwatch:
            labels = tuple(zip(sample.metric.labels, sample.labels, strict=True))
            found[labels][sample.metric].append(sample.value)
    return found
