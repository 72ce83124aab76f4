"""Counts of calls: by who made them, to which service, of which operation."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass(slots=True)
class Count:
    """Calls, bytes of their bodies both ways, and DynamoDB's units."""

    calls: int = 0
    sent_bytes: int = 0
    got_bytes: int = 0
    read_units: float = 0.0
    write_units: float = 0.0

    def add(self, other: "Count") -> None:
        self.calls += other.calls
        self.sent_bytes += other.sent_bytes
        self.got_bytes += other.got_bytes
        self.read_units += other.read_units
        self.write_units += other.write_units


@dataclass(frozen=True, slots=True)
class Called:
    """What was called: by a function or a mapping, a service and its operation."""

    by: str
    service: str
    operation: str


@dataclass(slots=True)
class Tally:
    counts: dict[Called, Count] = field(default_factory=lambda: defaultdict(Count))

    def add(self, called: Called, count: Count) -> None:
        self.counts[called].add(count)

    def of(self, service: str = "", operation: str = "", by: str = "") -> Count:
        """The sum of what matches; an empty text matches all."""
        total = Count()
        for called, count in self.counts.items():
            if (
                service in {"", called.service}
                and operation in {"", called.operation}
                and by in {"", called.by}
            ):
                total.add(count)
        return total
