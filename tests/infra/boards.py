"""Reading the dashboard out of a template: its body is text with the names of resources in it."""

import json
import re
from typing import Any, NamedTuple

from aws_cdk.assertions import Template

from tests.infra.templates import resources

DASHBOARD = "AWS::CloudWatch::Dashboard"
SEARCH = re.compile(r"SEARCH\('\{([\w/]+)((?:,\w+)*)\} MetricName=\"(\w+)\"', '(\w+)', (\d+)\)")


class Line(NamedTuple):
    """A metric on a graph: where it comes from, and its dimensions."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    id: str = ""


def widgets(template: Template) -> list[dict[str, Any]]:
    """The widgets; a reference to a resource reads as the resource's logical id."""
    (found,) = resources(template, DASHBOARD).values()
    _, parts = found["Properties"]["DashboardBody"]["Fn::Join"]
    text = "".join(part if isinstance(part, str) else _logical_id(part) for part in parts)
    return list(json.loads(text)["widgets"])


def lines(template: Template) -> list[Line]:
    """Every metric that is asked for by its name, in graphs and expressions alike."""
    shown = [metric for each in widgets(template) for metric in each["properties"].get("metrics", [])]
    return [_line(metric) for metric in shown if isinstance(metric[0], str)]


def expressions(template: Template) -> dict[str, dict[str, Any]]:
    """Everything that is calculated or searched for, by its text."""
    shown = [metric for each in widgets(template) for metric in each["properties"].get("metrics", [])]
    return {metric[0]["expression"]: metric[0] for metric in shown if isinstance(metric[0], dict)}


def titled(template: Template, title: str) -> dict[str, Any]:
    """The properties of the only widget with a title."""
    (found,) = (each for each in widgets(template) if each["properties"].get("title") == title)
    return dict(found["properties"])


def _line(metric: list[Any]) -> Line:
    namespace, name, *pairs = (part for part in metric if isinstance(part, str))
    options = metric[-1] if isinstance(metric[-1], dict) else {}
    return Line(namespace, name, dict(zip(pairs[::2], pairs[1::2], strict=True)), options.get("id", ""))


def _logical_id(reference: dict[str, Any]) -> str:
    ((kind, named),) = reference.items()
    return str(named if kind == "Ref" else named[0])
