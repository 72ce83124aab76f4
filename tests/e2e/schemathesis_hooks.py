"""Loaded by schemathesis itself (SCHEMATHESIS_HOOKS)."""

from typing import Any

import schemathesis


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case, kwargs: dict[str, Any]) -> None:
    """A redirect is an answer of this API; what it leads to is the store's."""
    kwargs["allow_redirects"] = False
