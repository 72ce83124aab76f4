"""DynamoDB's condition and key condition expressions ("Condition and filter expressions" in its guide).

Of its own, where updates are moto's: a job of 10,000 files asks some 20,000 conditions of a dozen texts,
which are parsed once here, and each time there.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

Value = Mapping[str, Any]
Scope = tuple[Value, Mapping[str, str], Value]
"""An item, the request's names, its values."""

Operand = Callable[[Scope], Any]
Test = Callable[[Scope], bool]
TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),]|[:#\w.\-]+)")
COMPARISONS = {"=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge}


def true_of(condition: str, item: Value, names: Mapping[str, str], values: Value) -> bool:
    """Raises ValueError for an expression that cannot be read."""
    return _parsed(condition)((item, names, values))


@cache
def _parsed(condition: str) -> Test:
    tokens = TOKEN.findall(condition)
    test = _either(tokens)
    if tokens:
        raise ValueError(f"what is {tokens[0]!r} in {condition!r}?")
    return test


def _either(tokens: list[str]) -> Test:
    parts = [_both(tokens)]
    while tokens[:1] == ["OR"]:
        tokens.pop(0)
        parts.append(_both(tokens))
    return lambda scope: any(part(scope) for part in parts)


def _both(tokens: list[str]) -> Test:
    parts = [_one(tokens)]
    while tokens[:1] == ["AND"]:
        tokens.pop(0)
        parts.append(_one(tokens))
    return lambda scope: all(part(scope) for part in parts)


def _one(tokens: list[str]) -> Test:
    if tokens[0] == "NOT":
        tokens.pop(0)
        inner = _one(tokens)
        return lambda scope: not inner(scope)
    if tokens[0] == "(":
        tokens.pop(0)
        inner = _either(tokens)
        _expect(tokens, ")")
        return inner
    return _called(tokens) if tokens[0] in FUNCTIONS else _compared(tokens)


def _called(tokens: list[str]) -> Test:
    function = FUNCTIONS[tokens.pop(0)]
    operands = _list(tokens)
    return lambda scope: function(*(operand(scope) for operand in operands))


def _compared(tokens: list[str]) -> Test:
    left = _operand(tokens)
    match tokens.pop(0):
        case "BETWEEN":
            low = _operand(tokens)
            _expect(tokens, "AND")
            high = _operand(tokens)
            return lambda scope: (
                _compare(ge, left(scope), low(scope)) and _compare(le, left(scope), high(scope))
            )
        case "IN":
            choices = _list(tokens)
            return lambda scope: any(_compare(eq, left(scope), choice(scope)) for choice in choices)
        case sign:
            comparison, right = COMPARISONS[sign], _operand(tokens)
            return lambda scope: _compare(comparison, left(scope), right(scope))


def _operand(tokens: list[str]) -> Operand:
    token = tokens.pop(0)
    if token == "size":
        (inner,) = _list(tokens)
        return lambda scope: _size(inner(scope))
    if token.startswith(":"):
        return lambda scope: scope[2][token]
    steps = token.split(".")
    return lambda scope: _at(scope[0], [scope[1].get(step, step) for step in steps])


def _list(tokens: list[str]) -> list[Operand]:
    _expect(tokens, "(")
    found = [_operand(tokens)]
    while tokens[:1] == [","]:
        tokens.pop(0)
        found.append(_operand(tokens))
    _expect(tokens, ")")
    return found


def _expect(tokens: list[str], token: str) -> None:
    if not tokens or tokens.pop(0) != token:
        raise ValueError(f"{token!r} is missing")


def _at(item: Value, steps: list[str]) -> Value | None:
    for step in steps[:-1]:
        item = item.get(step, {}).get("M", {})
    return item.get(steps[-1])


def _size(value: Value | None) -> Value | None:
    return None if value is None else {"N": str(len(next(iter(value.values()))))}


def _plain(value: Value) -> tuple[str, Any]:
    ((kind, held),) = value.items()
    return kind, Decimal(held) if kind == "N" else held


def _compare(comparison: Callable[[Any, Any], bool], left: Value | None, right: Value | None) -> bool:
    if left is None or right is None:
        return False
    (kind, one), (other_kind, other) = _plain(left), _plain(right)
    return comparison(one, other) if kind == other_kind else comparison is ne


def _contains(value: Value | None, part: Value) -> bool:
    return value is not None and next(iter(part.values())) in next(iter(value.values()))


FUNCTIONS: Mapping[str, Callable[..., bool]] = {
    "attribute_exists": lambda value: value is not None,
    "attribute_not_exists": lambda value: value is None,
    "begins_with": lambda value, start: value is not None and value.get("S", "").startswith(start["S"]),
    "contains": _contains,
}
