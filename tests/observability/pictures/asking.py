"""What Prometheus answers to the queries of a panel, over a stretch of time, as Grafana would ask."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tests.observability.pictures.choice import name
from tests.observability.sample import filled

STEP_S = 2
RATE_INTERVAL = "20s"
"""Ten scrapes. Grafana takes four or more, by the stretch that it shows."""


@dataclass(frozen=True)
class Line:
    """One series: a name for the legend; each moment in seconds since 1970 with a value, or NaN for none."""

    name: str
    points: tuple[tuple[float, float], ...]

    @property
    def last(self) -> float:
        """The newest value that is one; NaN without any."""
        return next((value for _, value in reversed(self.points) if math.isfinite(value)), math.nan)


@dataclass(frozen=True)
class Panel:
    """A panel of the dashboard, and what it shows from the first to the last moment of `span`."""

    shape: Mapping[str, Any]
    span: tuple[float, float]
    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        return str(self.shape["title"])

    @property
    def settings(self) -> Mapping[str, Any]:
        """Unit, thresholds and the like."""
        settings: Mapping[str, Any] = self.shape["fieldConfig"]["defaults"]
        return settings

    @property
    def empty(self) -> bool:
        return all(math.isnan(line.last) for line in self.lines)


@dataclass(frozen=True)
class Prometheus:
    """Answers about one stage, from `start` to `end` in seconds since 1970."""

    url: str
    stage: str
    start: float
    end: float

    def panel(self, shape: Mapping[str, Any]) -> Panel:
        """All lines of a panel. Raises httpx.HTTPStatusError where a query is refused."""
        lines = tuple(line for target in shape["targets"] for line in self._lines(target))
        return Panel(shape, (self.start, self.end), lines)

    def _lines(self, target: Mapping[str, Any]) -> list[Line]:
        span = f"{round(self.end - self.start)}s"
        variables = {"$__rate_interval": RATE_INTERVAL, "$__range": span, "$stage": self.stage}
        query = filled(target["expr"], variables)
        if target.get("instant"):
            rows = self._ask("query", query=query, time=self.end)
            return [_line(target, row, [row["value"]]) for row in rows]
        rows = self._ask("query_range", query=query, start=self.start, end=self.end, step=STEP_S)
        return [_line(target, row, row["values"]) for row in rows]

    def _ask(self, how: str, **question: str | float) -> list[dict[str, Any]]:
        answer = httpx.post(f"{self.url}/api/v1/{how}", data=question, timeout=20).raise_for_status()
        result: list[dict[str, Any]] = answer.json()["data"]["result"]
        return result


def _line(target: Mapping[str, Any], row: Mapping[str, Any], values: list[tuple[float, str]]) -> Line:
    points = tuple((float(at), float(value)) for at, value in values)
    return Line(name(target["legendFormat"], row["metric"]), points)
