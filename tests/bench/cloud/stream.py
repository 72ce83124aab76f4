"""A table's stream as Lambda's mapping reads it: records, and the rules that let some of them through.

The rules are those of "Lambda event filtering" in its guide, as far as the service uses them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.bench.cloud.table import Change

Record = dict[str, Any]


def record_of(number: int, change: Change) -> Record:
    images = {"OldImage": change.before, "NewImage": change.after}
    kind = "INSERT" if change.before is None else "REMOVE" if change.after is None else "MODIFY"
    return {
        "eventID": f"{number:032x}",
        "eventName": kind,
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": 1795435200.0,
            "SequenceNumber": f"{number:021d}",
            "Keys": change.key,
            **{name: image for name, image in images.items() if image},
        },
    }


def passed(records: Iterable[Record], filters: Iterable[Mapping[str, Any]]) -> list[Record]:
    patterns = list(filters)
    return [record for record in records if any(matches(pattern, record) for pattern in patterns)]


def matches(pattern: object, value: object) -> bool:
    """Raises NotImplementedError for a rule that nothing here knows."""
    if isinstance(pattern, Mapping):
        inside = value if isinstance(value, Mapping) else {}
        return all(matches(wanted, inside.get(name)) for name, wanted in pattern.items())
    if isinstance(pattern, list | tuple):
        return any(_is(rule, value) for rule in pattern)
    raise NotImplementedError(f"a filter's pattern is an object or a list, not {pattern!r}")


def _is(rule: object, value: object) -> bool:
    if not isinstance(rule, Mapping):
        return rule == value
    match dict(rule):
        case {"prefix": str(prefix)}:
            return isinstance(value, str) and value.startswith(prefix)
        case {"exists": bool(wanted)}:
            return (value is not None) is wanted
        case {"anything-but": unwanted}:
            return value is not None and value not in (unwanted if isinstance(unwanted, list) else [unwanted])
    raise NotImplementedError(f"no such rule here: {rule!r}")
