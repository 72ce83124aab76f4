"""Loaded by schemathesis itself (SCHEMATHESIS_HOOKS)."""

from typing import Any

import schemathesis

FORCES = {"true", "1", "on", "t", "y", "yes"}


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """A redirect is an answer of this API; what it leads to is the store's. No error is forced."""
    kwargs["allow_redirects"] = False
    query = case.query or {}
    if FORCES & {str(each).lower() for each in _all(query.get("sentry_test"))}:
        del query["sentry_test"]


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
