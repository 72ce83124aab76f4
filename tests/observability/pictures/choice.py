"""Which panels of the service's dashboard are drawn, and what they say of themselves."""

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.observability.sample import SAMPLE

DASHBOARD = SAMPLE / "grafana" / "dashboards" / "downloads-service.json"
CHOSEN = (
    "Jobs that fail",
    "Open jobs",
    "Alerts that fire",
    "Jobs by step",
    "How long jobs take",
    "Files by result",
    "Files that wait, by lane",
    "Workers",
    "Answers by status",
    "Slowest percent (p99)",
    "Frames",
    "Webhook deliveries",
)
"""By title, in the order in which they are drawn: three in a row."""


def dashboard_title() -> str:
    title: str = json.loads(DASHBOARD.read_text())["title"]
    return title


def chosen() -> list[dict[str, Any]]:
    """The panels as the dashboard has them. Raises KeyError for a title that it does not know."""
    known = {panel["title"]: panel for panel in json.loads(DASHBOARD.read_text())["panels"]}
    return [known[title] for title in CHOSEN]


def name(legend: str, labels: Mapping[str, str]) -> str:
    """A line's name: `{{label}}` in the legend's format is that label's value, or nothing."""
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda found: labels.get(found[1], ""), legend)
