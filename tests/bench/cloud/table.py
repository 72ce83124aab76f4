"""One table in memory, with what each call to it is billed: keys PK and SK, indexes of keys alone."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.cloud import expressions, sizes
from tests.bench.cloud.expressions import Attributes

Request = Mapping[str, Any]
PASSED = {"Code": "None"}


class RefusedError(Exception):
    """A call that DynamoDB refuses: its code, and what stands there where the request asks for that."""

    def __init__(self, code: str, **more: Any) -> None:
        super().__init__(code)
        self.code, self.more = code, more


@dataclass(frozen=True, slots=True)
class Change:
    """One write: the item before and after; None where there was or is none."""

    before: Attributes | None
    after: Attributes | None

    @property
    def key(self) -> Attributes:
        item = self.after or self.before or {}
        return {"PK": item["PK"], "SK": item["SK"]}

    @property
    def units(self) -> int:
        return sizes.written(self.before, self.after)


class Table:
    """``indexes`` are attributes, two an index; ``changes`` is the stream, units are what was used."""

    def __init__(self, indexes: Mapping[str, tuple[str, str]]) -> None:
        self.changes: list[Change] = []
        self.read_units = self.write_units = 0.0
        self.units_by_partition: Counter[str] = Counter()
        self._indexes = indexes
        self._partitions: dict[str, dict[str, Attributes]] = defaultdict(dict)

    @property
    def stored_bytes(self) -> int:
        """Of all items; DynamoDB adds 100 bytes to each for its index ("Storage" of its pricing)."""
        held = [item for partition in self._partitions.values() for item in partition.values()]
        return sum(map(sizes.size, held)) + 100 * len(held)

    def get(self, key: Attributes) -> Attributes | None:
        return self._partitions[key["PK"]["S"]].get(key["SK"]["S"])

    def under(self, request: Request) -> Iterator[Attributes]:
        """What a Query finds, ascending by sort key; of an index, by its own."""
        values = request["ExpressionAttributeValues"].values()
        index = self._indexes.get(request.get("IndexName", ""))
        if index is None:
            wanted = [value["S"] for value in values if value.get("S") in self._partitions]
            found = [item for name in wanted for _, item in sorted(self._partitions[name].items())]
        else:
            held = [item for partition in self._partitions.values() for item in partition.values()]
            found = sorted((i for i in held if index[0] in i and index[1] in i), key=_by(index[1]))
        condition = {**request, "ConditionExpression": request["KeyConditionExpression"]}
        return (item for item in found if expressions.holds(condition, item))

    def planned(self, action: str, request: Request) -> Change:
        """The write that a request asks for, not done yet. Raises RefusedError when its condition fails."""
        key = request["Item"] if action == "Put" else request["Key"]
        before = self.get(key)
        if not expressions.holds(request, before):
            self.write_units += sizes.written(before)
            asked = request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
            raise RefusedError("ConditionalCheckFailed", **({"Item": before} if asked and before else {}))
        if action == "Put":
            return Change(before, dict(request["Item"]))
        if action == "Update":
            return Change(before, expressions.updated(request, before))
        return Change(before, None if action == "Delete" else before)

    def write(self, changes: Sequence[Change], factor: int = 1) -> None:
        """Does them; ``factor`` is 2 in a transaction. Copies in indexes are billed as plain writes."""
        for change in changes:
            units = factor * change.units
            self.write_units += units + sum(_copies(change, index) for index in self._indexes.values())
            self.units_by_partition[change.key["PK"]["S"]] += units
            partition, sort_key = self._partitions[change.key["PK"]["S"]], change.key["SK"]["S"]
            if change.after is None:
                partition.pop(sort_key, None)
            else:
                partition[sort_key] = change.after
            # A write that changes nothing is not in the stream ("Change data capture" in DynamoDB's guide).
            if change.before != change.after:
                self.changes.append(change)

    def transact(self, actions: Sequence[Request]) -> None:
        """All or none. Raises RefusedError with a reason for each action."""
        planned, reasons = [], []
        for entry in actions:
            ((action, request),) = entry.items()
            try:
                planned.append(self.planned(action, request))
                reasons.append(PASSED)
            except RefusedError as refusal:
                reasons.append({"Code": refusal.code, **refusal.more})
        if len(planned) < len(actions):
            raise RefusedError("TransactionCanceled", CancellationReasons=reasons)
        self.write(planned, sizes.TRANSACTED)


def _by(name: str) -> Any:
    return lambda item: float(item[name]["N"])


def _copies(change: Change, index: tuple[str, str]) -> int:
    """Units for an index of keys alone: its entry goes, comes, or both; under 1 KB each."""
    entries = [_entry(item, index) for item in (change.before, change.after)]
    return sum(entry is not None for entry in entries) if entries[0] != entries[1] else 0


def _entry(item: Attributes | None, index: tuple[str, str]) -> list[Any] | None:
    return [item[name] for name in index] if item and all(name in item for name in index) else None
