"""Where the sample lies, and what its parts say."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "template-samples" / "observability"
PROMETHEUS = SAMPLE / "prometheus"
RULE_FILES = sorted((PROMETHEUS / "rules").glob("*.yml"))
RULE_TESTS = sorted((Path(__file__).parent / "rules").glob("*_test.yml"))
DASHBOARDS = sorted((SAMPLE / "grafana" / "dashboards").glob("*.json"))


def read(path: Path) -> Any:
    """What a YAML file says, each line as it stands."""
    return yaml.safe_load(path.read_text())


def alerts() -> list[dict[str, Any]]:
    groups = [group for path in RULE_FILES for group in read(path)["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[tuple[str, dict[str, Any]]]:
    """Every panel that shows something, named by its dashboard."""
    return [
        (path.stem, panel)
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        if panel["type"] != "row"
    ]


def metrics_in(expression: str) -> set[str]:
    """The names in PromQL that are metrics: no function is followed by { or [, or has such a name."""
    bare = re.sub(r'"[^"]*"', "", expression)
    return set(re.findall(r"\b((?:download|http|s3|websocket|webhook|lambda)_[a-z0-9_]+)", bare))


def filled(expression: str, variables: Mapping[str, str]) -> str:
    """A panel's query with what Grafana would put in for its variables.

    Raises:
        ValueError: it has a variable that is not among these.
    """
    for name, value in variables.items():
        expression = expression.replace(name, value)
    if "$" in expression:
        raise ValueError(f"a variable without a value: {expression}")
    return expression
