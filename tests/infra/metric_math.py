"""CloudWatch's metric math, as much of it as the stack uses, calculated in Python."""

import re
from collections.abc import Mapping
from typing import Any


def calculate(expression: str, values: Mapping[str, float]) -> float:
    """The value of an expression; a metric that `values` does not name has no data.

    Raises:
        ZeroDivisionError: where CloudWatch would have no value.
    """
    python = re.sub(r"\bAND\b", "and", expression)
    names: dict[str, Any] = {name: None for name in re.findall(r"\b[a-z]\w*\b", python) if name != "and"}
    names |= values
    functions = {"FILL": _fill, "IF": lambda condition, yes, no: yes if condition else no}
    return float(eval(python, {"__builtins__": {}, **functions}, names))  # noqa: S307 # an expression of our own


def _fill(value: float | None, missing: float) -> float:
    return missing if value is None else value
