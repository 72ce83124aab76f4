"""All that was counted, and how things stand, in Prometheus' text format, written by its own client."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from downloads import metrics
from downloads.aws.counters import SUM, Series
from downloads.metrics import FUNCTIONS

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
SERVER_FAULTS = ("500", "503")
Levels = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that goes up and down, by the values of its labels."""

    name: str
    help: str
    labels: tuple[str, ...]
    levels: Levels


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one answer is made of; a registry, in the words of Prometheus' client."""

    numbers: Mapping[Series, float]
    gauges: tuple[Gauge, ...]

    def collect(self) -> Iterator[Metric]:
        for metric in metrics.COUNTED:
            if metric in metrics.UNSHOWN:
                continue
            if metric.gauge:
                yield _gauge(Gauge(metric.name, metric.help, tuple(metric.labels), self._of(metric.name)))
            elif metric.bounds:
                yield self._histogram(metric)
            else:
                yield self._counter(metric)
        yield from map(_gauge, self.gauges)

    def _of(self, name: str) -> dict[tuple[str, ...], float]:
        return {series[1:]: value for series, value in self.numbers.items() if series[0] == name}

    def _counter(self, metric: metrics.Metric) -> Metric:
        family = CounterMetricFamily(metric.name, metric.help, labels=list(metric.labels))
        for labels, value in (_at_nought(metric, self.numbers) | self._of(metric.name)).items():
            family.add_metric(labels, value)
        return family

    def _histogram(self, metric: metrics.Metric) -> Metric:
        family = HistogramMetricFamily(metric.name, metric.help, labels=list(metric.labels))
        sums: dict[tuple[str, ...], float] = dict.fromkeys(_at_nought(metric, self.numbers), 0)
        buckets: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
        for series, value in self._of(metric.name).items():
            if series[-1] == SUM:
                sums[series[:-1]] = value
            else:
                buckets[series[:-1]][int(series[-1])] = value
        for labels, total in sums.items():
            heights = [buckets[labels].get(place, 0) for place in range(len(metric.bounds) + 1)]
            names = [*(f"{bound:g}" for bound in metric.bounds), "+Inf"]
            family.add_metric(labels, list(zip(names, accumulate(heights), strict=True)), total)
        return family


def _at_nought(metric: metrics.Metric, numbers: Mapping[Series, float]) -> dict[tuple[str, ...], float]:
    """The series that are there before anything happened: a rate does not see one that begins at 1."""
    if metric is metrics.REQUESTS:
        routes = {(series[1], series[2]) for series in numbers if series[0] == metric.name}
        return {(*route, status): 0 for route in routes for status in SERVER_FAULTS}
    if metric is metrics.RUNS:
        return {(function, outcome): 0 for function in FUNCTIONS for outcome in ("ok", "error")}
    if tuple(metric.labels) == ("function",):
        return {(function,): 0 for function in FUNCTIONS}
    return {tuple(labels.values()): 0 for labels in metric.foreseen()}


def _gauge(gauge: Gauge) -> Metric:
    family = GaugeMetricFamily(gauge.name, gauge.help, labels=list(gauge.labels))
    for labels, value in gauge.levels.items():
        family.add_metric(labels, value)
    return family


def render(scrape: Scrape) -> str:
    return generate_latest(scrape).decode()
