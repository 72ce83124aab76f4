"""Panels as Grafana draws them: lines over time with a legend, and big numbers."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from tests.observability.pictures.asking import Line, Panel
from tests.observability.pictures.legend import LINE_PX, PALETTE, legend
from tests.observability.pictures.paper import FAINT, GRID, Paper, Place
from tests.observability.pictures.units import spell

NAMED = {"green": "#73bf69", "orange": "#ff9830", "red": "#f2495c"}


def timeseries(paper: Paper, place: Place, panel: Panel) -> None:
    """Lines, stacked where the dashboard says so, above their legend."""
    lines = legend(paper, place.inside(12, 0, 8, 0), panel.lines)
    axes = paper.axes(place.inside(72, 38, 16, 30 + LINE_PX * lines))
    custom = panel.settings.get("custom", {})
    _draw(axes, panel.lines, stacked="stacking" in custom, opacity=custom.get("fillOpacity", 0) / 100)
    _scales(axes, panel)


def stat(paper: Paper, place: Place, panel: Panel) -> None:
    """The newest value, coloured by its threshold, over a small course of it where there is one."""
    (line,) = panel.lines
    colour = threshold(line.last, panel.settings.get("thresholds", {}))
    if len(line.points) > 1:
        axes = paper.axes(place.inside(1, 0.68 * place.height, 1, 1))
        axes.set_axis_off()
        axes.margins(0)
        _draw(axes, [line], stacked=False, opacity=0.2, colours=[colour])
    text = spell(line.last, panel.settings["unit"])
    middle, base = place.x + place.width / 2, place.y + 0.63 * place.height
    paper.write(middle, base, text, color=colour, fontsize=38, ha="center")


def threshold(value: float, thresholds: Mapping[str, Any]) -> str:
    """The colour of the last step that the value has reached."""
    colour = NAMED["green"]
    for step in thresholds.get("steps", []):
        if step["value"] is None or value >= step["value"]:
            colour = NAMED[step["color"]]
    return colour


def _draw(
    axes: Axes, lines: Sequence[Line], *, stacked: bool, opacity: float, colours: Sequence[str] = PALETTE
) -> None:
    below: dict[float, float] = {}
    for index, line in enumerate(lines):
        colour = colours[index % len(colours)]
        moments = [at for at, _ in line.points]
        floor = [below.get(at, 0.0) if stacked else 0.0 for at in moments]
        values = [under + value for under, (_, value) in zip(floor, line.points, strict=True)]
        # A line of zeros lies on the one below it, which is the one to see.
        axes.plot(moments, values, color=colour, linewidth=1.3, zorder=3 - index / 100)
        axes.fill_between(moments, floor, values, color=colour, alpha=opacity, linewidth=0)
        if stacked:
            below |= {at: value for at, value in zip(moments, values, strict=True) if math.isfinite(value)}


def _scales(axes: Axes, panel: Panel) -> None:
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_facecolor("none")
    axes.grid(color=GRID, linewidth=1)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, colors=FAINT, labelsize=12, pad=5)
    axes.set_xlim(*panel.span)
    axes.set_ylim(bottom=0)
    if axes.get_ylim()[1] < 1 and all(value == 0 for line in panel.lines for _, value in line.points):
        axes.set_ylim(top=1)
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: spell(value, panel.settings["unit"])))
    axes.xaxis.set_major_locator(FixedLocator(ticks(*panel.span)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}"))


def ticks(start: float, end: float) -> list[float]:
    """One to five round moments, none so near an end that its time would stand outside."""
    every = next((step for step in (15, 30, 60, 300) if (end - start) / step < 5), 900)
    edge = (end - start) / 10
    first = math.ceil((start + edge) / every) * every
    return [float(at) for at in range(first, math.floor(end - edge) + 1, every)]
