"""How operators' commands reach AWS: clients, faults in words, and where the stack's things are."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from delineate.errors import DelineateError

ClientOf = Callable[[str], Any]
CONNECT_SECONDS = 5
# Outputs that end like a function's name and are none.
OTHER_NAMES = frozenset({"StackName", "TableName", "BucketName", "DashboardName"})
FUNCTION_ENDING, QUEUE_ENDING = "Name", "QueueUrl"
NO_STACK = "does not exist"
"""CloudFormation's words; its code, ValidationError, is that of every other mistake too."""


class AdminFault(DelineateError):
    """AWS could not be asked, or what answered was not the service's stack or function."""


def aws(service: str) -> Any:
    """A client of an AWS service by the usual variables and profiles. Raises AdminFault without boto3.

    AWS_REGION, which boto3 does not read, goes first, as in the deployment.
    """
    try:
        import boto3  # noqa: PLC0415 # an extra, which those who only get files need not install
        from botocore.config import Config  # noqa: PLC0415 # part of the same extra
    except ImportError as missing:
        raise AdminFault("This needs boto3: pip install 'delineate[admin]'.") from missing
    config = Config(connect_timeout=CONNECT_SECONDS, retries={"mode": "standard"})
    region = os.environ.get("AWS_REGION") or None
    return boto3.client(service, config=config, region_name=region)  # type: ignore[call-overload] # the stubs know services by literal names


def asked(call: Callable[[], Any]) -> Any:
    """What AWS answers to `call`. Raises AdminFault with AWS's own words, whatever went wrong."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 # part of the same extra
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 # part of the same extra

    try:
        return call()
    except ClientError as fault:
        raise AdminFault(f"AWS refused: {fault}") from fault
    except (BotoCoreError, ValueError) as fault:
        # A ValueError is botocore's word for an endpoint that is none.
        raise AdminFault(f"AWS could not be asked: {fault}") from fault
    except (ResponseParserError, LookupError, TypeError, AttributeError) as fault:
        # Its parsers and our readers stumble so over an answer of another shape.
        why = f"{type(fault).__name__}: {fault}".partition(", invalid XML")[0]
        raise AdminFault(
            f"What answered does not speak as AWS does ({why}): is AWS_ENDPOINT_URL right?"
        ) from fault


def outputs_of(client_of: ClientOf, stack: str) -> dict[str, str]:
    """The outputs of a stack by name. Raises AdminFault, also when there is no such stack."""
    cloudformation = asked(lambda: client_of("cloudformation"))
    try:
        found: dict[str, str] = asked(lambda: _outputs(cloudformation, stack))
    except AdminFault as fault:
        if NO_STACK not in str(fault):
            raise
        region = cloudformation.meta.region_name
        raise AdminFault(f"There is no stack {stack} here (region {region}).") from fault
    return found


def _outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    found = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


@dataclass(frozen=True)
class Place:
    """Where a stack keeps its state: its table, its queues by output, its functions by their short names."""

    stack: str
    table: str
    queues: dict[str, str] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)


def find(stack: str, client_of: ClientOf) -> Place:
    """The place of the service's stack; needs `cloudformation:DescribeStacks`. Raises AdminFault."""
    outputs = outputs_of(client_of, stack)
    if "TableName" not in outputs or "NormalQueueUrl" not in outputs:
        raise AdminFault(f"The stack {stack} is none of the download service: it has no table and no lanes.")
    queues = {name: url for name, url in outputs.items() if name.endswith(QUEUE_ENDING)}
    functions = {
        _snake(key.removesuffix(FUNCTION_ENDING)): name
        for key, name in outputs.items()
        if key.endswith(FUNCTION_ENDING) and key not in OTHER_NAMES
    }
    return Place(stack, outputs["TableName"], queues, functions)


def _snake(camel: str) -> str:
    """`ProcessFile` as its file is called: `process_file`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in camel).lstrip("_")
