"""cdk-nag exceptions: each stands on the resource it excuses, with a sentence why."""

from typing import Any

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import IConstruct


def acknowledge(construct: IConstruct, rule: str, reason: str) -> None:
    """Excuse one finding of cdk-nag on this construct and what is inside it."""
    Validations.of(construct).acknowledge(Acknowledgment(id=rule, reason=reason))


def acknowledge_wildcard(construct: IConstruct, resource_arn: str, reason: str) -> None:
    """Excuse one resource with a wildcard in the policies of a role."""
    resource = _flatten(Stack.of(construct).resolve(resource_arn))
    acknowledge(construct, f"AwsSolutions-IAM5[Resource::{resource}]", reason)


def _flatten(node: Any) -> str:
    """How cdk-nag spells a CloudFormation expression in the id of a finding."""
    match node:
        case str():
            return node
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(_flatten(item) for item in items)
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
    raise ValueError(f"no spelling known for {node!r}")
