"""A DynamoDB client with what its stand-in has not: time, conflicts of transactions, limits of partitions.

By the developer guide ("Transaction conflict handling", "Burst and adaptive capacity"): a write of an item
that a transaction in flight has is refused; a partition takes 1,000 write units a second, and a write in a
transaction costs two a kilobyte. Each partition key is modelled as a partition of its own, which DynamoDB
makes of those under load, or keys share as many ``partitions`` as the table has yet; burst capacity is not
counted on.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

from botocore.exceptions import ClientError

from tests.bench.cloud import sizes
from tests.bench.cloud.table import Table
from tests.bench.durations import durations
from tests.bench.virtual_time import VirtualTime

READ_S, WRITE_S, TRANSACTION_S = (
    durations().wait_ms[call] / 1_000 for call in ("Query", "UpdateItem", "TransactWriteItems")
)
UNITS_A_SECOND, MOST_SAVED = 1_000, 100
Key = tuple[str, str]


@dataclass
class Counts:
    """What the transactions came to."""

    transactions: int = 0
    conflicts: int = 0
    throttled: int = 0

    @property
    def refused(self) -> float:
        """The share of transactions that were refused."""
        return (self.conflicts + self.throttled) / self.transactions


@dataclass
class Partition:
    """The write units that are left, and since when."""

    left: float = MOST_SAVED
    at: float = 0.0

    def take(self, units: int, now: float) -> bool:
        self.left = min(MOST_SAVED, self.left + (now - self.at) * UNITS_A_SECOND)
        self.at = now
        if self.left < units:
            return False
        self.left -= units
        return True


@dataclass
class Floor:
    """The client: calls that it does not name are the inner one's own."""

    inner: Any
    table: Table
    time: VirtualTime
    partitions: int | None = None
    counts: Counts = field(default_factory=Counts)
    _in_flight: set[Key] = field(default_factory=set)
    _partitions: dict[str, Partition] = field(default_factory=lambda: defaultdict(Partition))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def get_paginator(self, name: str) -> Any:
        self.time.sleep(READ_S)
        return self.inner.get_paginator(name)

    def get_item(self, **asked: Any) -> Any:
        self.time.sleep(READ_S)
        return self.inner.get_item(**asked)

    def put_item(self, **asked: Any) -> Any:
        return self._write(self.inner.put_item, asked)

    def update_item(self, **asked: Any) -> Any:
        return self._write(self.inner.update_item, asked)

    def transact_write_items(self, TransactItems: Sequence[Any]) -> Any:  # noqa: N803 # the API's own name
        writes = [write for action in TransactItems for write in action.values()]
        self.counts.transactions += 1
        codes = self._refusal(writes)
        if codes:
            self.time.sleep(WRITE_S)
            raise _error(self.inner, "TransactionCanceledException", CancellationReasons=codes)
        with self._flight({_key(write) for write in writes}):
            self.time.sleep(TRANSACTION_S)
            return self.inner.transact_write_items(TransactItems=TransactItems)

    def _write(self, call: Any, asked: Mapping[str, Any]) -> Any:
        if _key(asked) in self._in_flight:
            raise _error(self.inner, "TransactionConflictException")
        self.time.sleep(WRITE_S)
        return call(**asked)

    def _refusal(self, writes: Sequence[Any]) -> list[dict[str, str]]:
        """Why not, a reason for each; nothing where it may be written."""
        if self._in_flight.intersection(map(_key, writes)):
            self.counts.conflicts += 1
            return [_reason("TransactionConflict", _key(write) in self._in_flight) for write in writes]
        units: dict[str, int] = defaultdict(int)
        for write in writes:
            units[self._partition(write)] += sizes.TRANSACTED * self._units(write)
        full = {
            name for name, wanted in units.items() if not self._partitions[name].take(wanted, self.time.now)
        }
        if full:
            self.counts.throttled += 1
            return [_reason("ThrottlingError", self._partition(write) in full) for write in writes]
        return []

    def _partition(self, write: Mapping[str, Any]) -> str:
        key = _key(write)[0]
        return str(crc32(key.encode()) % self.partitions) if self.partitions else key

    def _units(self, write: Mapping[str, Any]) -> int:
        key = write.get("Key") or {name: write["Item"][name] for name in ("PK", "SK")}
        return sizes.written(write.get("Item"), self.table.get(key))

    @contextmanager
    def _flight(self, keys: set[Key]) -> Iterator[None]:
        self._in_flight |= keys
        try:
            yield
        finally:
            self._in_flight -= keys


def _key(write: Mapping[str, Any]) -> Key:
    key = write.get("Key") or write["Item"]
    return key["PK"]["S"], key["SK"]["S"]


def _reason(code: str, refused: bool) -> dict[str, str]:
    return {"Code": code if refused else "None"}


def _error(client: Any, code: str, **more: Any) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "modelled"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    kind: type[ClientError] = getattr(client.exceptions, code)
    return kind({**answer, **more}, "TransactWriteItems")  # type: ignore[arg-type] # as parsed
