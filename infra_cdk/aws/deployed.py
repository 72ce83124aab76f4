"""What a stage runs in the account: the commit and the settings, as the stack's own outputs tell them."""

import shlex
from collections.abc import Collection
from dataclasses import dataclass

from infra_cdk.aws.account import FAULTS, ClientOf, said

COMMIT = "Commit"
SETTINGS = "Settings"
ABSENT = "does not exist"
"""CloudFormation has no code of its own for a stack that it does not know: ValidationError is for more."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """The last deployment: a commit of None is not known, `arguments` are its settings as `-c` words.

    `unread` is why the stack could not be asked.
    """

    commit: str | None = None
    arguments: str = ""
    unread: str = ""

    def lost(self, named: Collection[str]) -> list[str]:
        """The settings that it was given, and that are not among those named now."""
        words = shlex.split(self.arguments)
        return sorted({word.partition("=")[0] for word in words if word != "-c"} - set(named))


def deployed(stack: str, client_of: ClientOf) -> Deployed | None:
    """What runs; None where there is no such stack, and nothing known where it may not be read."""
    try:
        found = client_of("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    except FAULTS as fault:
        return None if ABSENT in said(fault) else Deployed(unread=said(fault))
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    return Deployed(outputs.get(COMMIT), outputs.get(SETTINGS, ""))
