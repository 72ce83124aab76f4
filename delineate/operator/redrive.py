"""An operator's redrive: asks the stack's own function, with the operator's credentials."""

import json
from collections.abc import Mapping
from typing import Any

from delineate.operator.cloud import AdminFault, ClientOf, asked, aws, outputs_of

FUNCTION_OUTPUT = "RedriveFilesName"
MEANINGS = {
    "retried": "retried: their jobs prepare again what failed",
    "nothing_left": "dropped: their jobs have nothing left to retry",
    "gone": "dropped: their jobs have expired",
    "stays": "stay parked: their jobs still go on, or were busy",
    "poison": "stay parked: they cannot be read, or name no file of their job; look at them, then purge them "
    "(docs/runbook.md, Letters in parked)",
}


def redrive(stack: str, most: int, client_of: ClientOf = aws) -> dict[str, int]:
    """Sends up to `most` parked dead letters (1 to 1,000) round again; answers how many went which way.

    Needs `cloudformation:DescribeStacks` and `lambda:InvokeFunction`. Raises AdminFault.
    """
    outputs = outputs_of(client_of, stack)
    if FUNCTION_OUTPUT not in outputs:
        raise AdminFault(f"The stack {stack} is none of the download service: it has no {FUNCTION_OUTPUT}.")
    reply = asked(lambda: _invoke(client_of("lambda"), outputs[FUNCTION_OUTPUT], {"most": most}))
    told = asked(lambda: reply["Payload"].read().decode())
    if "FunctionError" in reply:
        raise AdminFault(f"{outputs[FUNCTION_OUTPUT]} failed: {told}")
    fates: dict[str, int] = asked(lambda: dict(json.loads(told)))
    return fates


def in_words(fates: Mapping[str, int]) -> list[str]:
    """What became of the letters, a line a fate."""
    return [f"{count:,} {MEANINGS.get(fate, fate)}" for fate, count in fates.items()] or [
        "Nothing is parked."
    ]


def _invoke(functions: Any, name: str, event: dict[str, int]) -> Any:
    return functions.invoke(FunctionName=name, Payload=json.dumps(event))
