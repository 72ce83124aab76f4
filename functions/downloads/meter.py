"""What a run counts, held in memory until the run ends. Standard library only."""

from collections import deque
from dataclasses import dataclass

from downloads.metrics import Metric


@dataclass(frozen=True, slots=True)
class Sample:
    """One thing counted or measured; ``labels`` are values in the order of the metric's labels."""

    metric: Metric
    labels: tuple[str, ...]
    value: float


class Meter:
    """Threads may count side by side: adding to a deque is one step."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque()

    def add(self, metric: Metric, value: float = 1, **labels: str) -> None:
        """Counts, or observes a value. Raises KeyError for a label that is missing."""
        self._samples.append(Sample(metric, tuple(labels[name] for name in metric.labels), value))

    def drain(self) -> list[Sample]:
        """All that was added since the last time."""
        return [self._samples.popleft() for _ in range(len(self._samples))]
