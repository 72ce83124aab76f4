"""What DynamoDB bills: sizes of items and units ("DynamoDB item sizes and formats" and "DynamoDB read and
write operations" in its guide).
"""

from collections.abc import Callable, Iterable, Mapping
from math import ceil
from typing import Any

Item = Mapping[str, Any]
WRITE_BYTES, READ_BYTES = 1_024, 4_096
TRANSACTED = 2


def size(item: Item | None) -> int:
    """Bytes of names and values."""
    return sum(len(name.encode()) + _value(value) for name, value in (item or {}).items())


def written(*versions: Item | None) -> int:
    """Units of a write: of the larger of what was there and what is, and of one at least."""
    return max(1, ceil(max(map(size, versions)) / WRITE_BYTES))


def read(items: Iterable[Item | None], *, consistent: bool) -> float:
    """Units of one read of these items together: a Query, or one item of a GetItem."""
    units = max(1, ceil(sum(map(size, items)) / READ_BYTES))
    return units if consistent else units / 2


def _value(value: Mapping[str, Any]) -> int:
    ((kind, held),) = value.items()
    if kind == "L":
        return 3 + sum(1 + _value(one) for one in held)
    if kind == "M":
        return 3 + len(held) + size(held)
    if kind in {"SS", "NS", "BS"}:
        return sum(SCALARS[kind[0]](one) for one in held)
    return SCALARS.get(kind, _one_byte)(held)


def _number(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return ceil(len(digits) / 2) + 1 + text.startswith("-")


def _one_byte(_: object) -> int:
    return 1


SCALARS: Mapping[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _number,
    "B": lambda text: len(text) * 3 // 4,
}
