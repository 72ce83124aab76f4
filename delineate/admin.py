"""Operators' commands: they call AWS itself, with the operator's own credentials and the extra `admin`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from delineate.errors import DelineateError

FUNCTION_OUTPUT = "RedriveFilesName"
MEANINGS = {
    "retried": "retried: their jobs prepare again what failed",
    "nothing_left": "dropped: their jobs have nothing left to retry",
    "gone": "dropped: their jobs have expired",
    "stays": "stay parked: their jobs still go on, or were busy",
    "poison": "stay parked: they cannot be read, or name no file of their job",
}
ClientOf = Callable[[str], Any]


class AdminFault(DelineateError):
    """AWS could not be asked, or what answered was not the service's stack or function."""


def aws(service: str) -> Any:
    """A client of an AWS service by the usual variables and profiles. Raises AdminFault without boto3."""
    try:
        import boto3  # noqa: PLC0415 # an extra, which those who only get files need not install
    except ImportError as missing:
        raise AdminFault("This needs boto3: pip install 'delineate[admin]'.") from missing
    return boto3.client(service)  # type: ignore[call-overload] # the stubs know services by literal names


def redrive(stack: str, most: int, client_of: ClientOf = aws) -> dict[str, int]:
    """Sends up to `most` parked dead letters (1 to 1,000) round again; answers how many went which way.

    Needs `cloudformation:DescribeStacks` and `lambda:InvokeFunction`. Raises AdminFault.
    """
    outputs = _asked(lambda: _outputs(client_of("cloudformation"), stack))
    if FUNCTION_OUTPUT not in outputs:
        raise AdminFault(f"The stack {stack} is none of the download service: it has no {FUNCTION_OUTPUT}.")
    reply = _asked(lambda: _invoke(client_of("lambda"), outputs[FUNCTION_OUTPUT], {"most": most}))
    told = reply["Payload"].read().decode()
    if "FunctionError" in reply:
        raise AdminFault(f"{outputs[FUNCTION_OUTPUT]} failed: {told}")
    fates: dict[str, int] = json.loads(told)
    return fates


def in_words(fates: Mapping[str, int]) -> list[str]:
    """What became of the letters, a line a fate."""
    return [f"{count:,} {MEANINGS.get(fate, fate)}" for fate, count in fates.items()] or [
        "Nothing is parked."
    ]


def _asked(call: Callable[[], Any]) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 # part of the same extra

    try:
        return call()
    except (BotoCoreError, ClientError, ValueError) as fault:
        # A ValueError is botocore's word for an endpoint that is none.
        raise AdminFault(f"AWS could not be asked: {fault}") from fault


def _outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _invoke(functions: Any, name: str, event: dict[str, int]) -> Any:
    return functions.invoke(FunctionName=name, Payload=json.dumps(event))
