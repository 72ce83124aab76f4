"""Policies in words: one line a statement, with our names for the resources in place of CloudFormation's."""

import re
from typing import Any

from aws_cdk.assertions import Template

from tests.infra.templates import as_list, handlers, resources, statements

WORDS = {
    "AWS::DynamoDB::Table": ("table",),
    "AWS::S3::Bucket": ("bucket", "archives"),
    "AWS::SecretsManager::Secret": ("secret", "metrics api token"),
    "AWS::ApiGatewayV2::Api": ("live", "http"),
    "AWS::SQS::Queue": (
        "high", "normal", "dead letters", "parked", "missed sweeps", "missed closings", "failures", "notices",
        "undelivered", "bundles", "unbundled", "restored", "untold", "ended", "unexported",
    ),
}  # fmt: skip
"""What a logical id may hold, without its spaces, and so what it is called."""


def policy(template: Template, function: str) -> list[str]:
    """The statements of a function's role, sorted: `Allow dynamodb:GetItem, PutItem on table`."""
    names = _names(template)
    names[handlers(template)[function]["LoggingConfig"]["LogGroup"]["Ref"]] = "its logs"
    return sorted(_line(each, names) for each in statements(template, function))


def _line(statement: dict[str, Any], names: dict[str, str]) -> str:
    service = as_list(statement["Action"])[0].split(":")[0]
    assert statement.keys() <= {"Effect", "Action", "Resource", "Condition"}
    verbs = ", ".join(sorted(action.removeprefix(f"{service}:") for action in as_list(statement["Action"])))
    where = ", ".join(sorted(_spell(resource, names) for resource in as_list(statement["Resource"])))
    when = f" if {_condition(statement['Condition'])}" if "Condition" in statement else ""
    return f"{statement['Effect']} {service}:{verbs} on {where}{when}"


def _condition(condition: dict[str, Any]) -> str:
    match condition:
        case {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [*keys]}} if len(condition) == 1:
            return f"keys are {' or '.join(keys)}"
        case {"StringLike": {"s3:prefix": prefix}} if len(condition) == 1:
            return f"the prefix is {prefix}"
    return str(condition)


def _names(template: Template) -> dict[str, str]:
    return {
        found: word
        for kind, words in WORDS.items()
        for found in resources(template, kind)
        for word in words
        if _holds(found, word)
    }


def _holds(logical_id: str, word: str) -> bool:
    spelled = {"live": "websocketapi", "http": "httpapi"}.get(word, word.replace(" ", ""))
    return spelled in logical_id


def _spell(value: Any, names: dict[str, str]) -> str:
    match value:
        case str():
            return value
        case {"Fn::Join": ["", parts]}:
            text = "".join(_spell(part, names) for part in parts)
            return re.sub("^arn:[^:]+:execute-api:[^:]+:[^:]+:", "", text)
        case {"Fn::GetAtt": [found, "Arn"]} | {"Ref": found}:
            return names.get(found, found.removeprefix("AWS::").lower())
        case {"Fn::GetAtt": [found, "StreamArn"]}:
            return f"{names[found]}'s stream"
    raise AssertionError(f"no words for {value}")
