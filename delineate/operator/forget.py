"""An operator's deletion of one user: asks the stack's own function, until nothing is left."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from delineate.operator.cloud import AdminFault, ClientOf, asked, aws, outputs_of

FUNCTION_OUTPUT = "ForgetUserName"
USER = "user:"
FOUND = ("jobs", "items", "history")
COUNTS = (*FOUND, "looked_at")


def forget(
    stack: str, user: str, tell: Callable[[Mapping[str, int]], None], client_of: ClientOf = aws
) -> dict[str, int]:
    """Deletes everything that is kept of a user (the `sub` of their tokens), and answers what that was.

    Broken off, it is started again: it finds what is left. `tell` hears the sums after each slice. Needs
    `cloudformation:DescribeStacks` and `lambda:InvokeFunction`. Raises AdminFault.
    """
    if not user.removeprefix(USER).strip():
        raise AdminFault("USER is empty: it is the `sub` of the user's tokens.")
    outputs = outputs_of(client_of, stack)
    if FUNCTION_OUTPUT not in outputs:
        raise AdminFault(f"The stack {stack} is none of the download service: it has no {FUNCTION_OUTPUT}.")
    functions = client_of("lambda")
    sums, after = dict.fromkeys(COUNTS, 0), None
    owner = user if user.startswith(USER) else f"{USER}{user}"
    while True:
        event = {"owner": owner} | ({"after": after} if after else {})
        told = _slice(functions, outputs[FUNCTION_OUTPUT], event)
        sums = {name: sums[name] + told.get(name, 0) for name in COUNTS}
        tell(sums)
        if told.get("done"):
            return sums
        after = told.get("after")


def in_words(sums: Mapping[str, int]) -> str:
    """What is deleted so far, in one line."""
    return (
        f"Deleted: items {sums['items']:,}, jobs {sums['jobs']:,}, jobs of the history {sums['history']:,}; "
        f"of the table, {sums['looked_at']:,} items were looked at."
    )


def ending(user: str, sums: Mapping[str, int]) -> str:
    """The last line: of a name that nothing is kept of, a question."""
    if any(sums[name] for name in FOUND):
        return "Nothing is left."
    return f"Nothing was found of {user}; is it the `sub` of their tokens?"


def _said(text: str) -> str:
    """Lambda's answer for a run that failed, in words ("Lambda function errors in Python", its guide)."""
    try:
        told = json.loads(text)
        return ": ".join(filter(None, (told["errorType"], told.get("errorMessage"))))
    except (ValueError, LookupError, TypeError, AttributeError):
        return text


def _slice(functions: Any, name: str, event: dict[str, str]) -> dict[str, Any]:
    reply = asked(lambda: functions.invoke(FunctionName=name, Payload=json.dumps(event)))
    text = asked(lambda: reply["Payload"].read().decode())
    if "FunctionError" in reply:
        raise AdminFault(f"{name} failed, and may be called again: {_said(text)}. Its log says more.")
    told: dict[str, Any] = asked(lambda: dict(json.loads(text)))
    return told
