"""Reading templates: resources by type and by the part of their name that we gave them."""

from typing import Any

from aws_cdk.assertions import Template


def resources(template: Template, kind: str) -> dict[str, dict[str, Any]]:
    """Logical id to resource, of one type such as `AWS::SQS::Queue`."""
    return {name: dict(found) for name, found in template.find_resources(kind).items()}


def one(template: Template, kind: str, name: str) -> dict[str, Any]:
    """The properties of the only resource of a type whose logical id holds `name`."""
    found = [found for key, found in resources(template, kind).items() if name in key]
    assert len(found) == 1, f"{len(found)} of {kind} with {name}"
    return dict(found[0]["Properties"])


def logical_id(template: Template, kind: str, name: str) -> str:
    """The logical id of the only resource of a type that holds `name`."""
    (found,) = (key for key in resources(template, kind) if name in key)
    return found


def handlers(template: Template) -> dict[str, dict[str, Any]]:
    """Properties of the functions by the name of their file."""
    functions = resources(template, "AWS::Lambda::Function").values()
    return {found["Properties"]["Handler"].split(".")[0]: found["Properties"] for found in functions}


def statements(template: Template, function: str) -> list[dict[str, Any]]:
    """What the role of a function may do, statement by statement; it has no other policies."""
    role = handlers(template)[function]["Role"]["Fn::GetAtt"][0]
    found = [
        policy["Properties"]["PolicyDocument"]["Statement"]
        for policy in resources(template, "AWS::IAM::Policy").values()
        if {"Ref": role} in policy["Properties"]["Roles"]
    ]
    return [statement for document in found for statement in document]


def as_list(value: Any) -> list[Any]:
    """IAM writes one thing as itself and several as a list."""
    return value if isinstance(value, list) else [value]
