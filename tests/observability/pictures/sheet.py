"""All panels on one sheet: a heading, then three panels in a row."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tests.observability.pictures.asking import Panel
from tests.observability.pictures.graph import stat, timeseries
from tests.observability.pictures.paper import FAINT, Paper, Place

WIDTH, GAP, COLUMNS = 1080, 8, 3
HEADING, STAT, GRAPH = 46, 112, 232


def sheet(title: str, stage: str, panels: Sequence[Panel]) -> Paper:
    """The picture. Raises ValueError for a panel that has nothing to show, naming it."""
    if silent := [panel.title for panel in panels if panel.empty]:
        raise ValueError(f"nothing to show: {', '.join(silent)}")
    rows = [panels[at : at + COLUMNS] for at in range(0, len(panels), COLUMNS)]
    heights = [STAT if row[0].shape["type"] == "stat" else GRAPH for row in rows]
    paper = Paper(WIDTH, HEADING + sum(heights) + GAP * len(heights))
    _heading(paper, title, stage, panels[0].span)
    y = float(HEADING)
    wide = (WIDTH - GAP * (COLUMNS + 1)) / COLUMNS
    for row, height in zip(rows, heights, strict=True):
        for column, panel in enumerate(row):
            _panel(paper, Place(GAP + column * (wide + GAP), y, wide, height), panel)
        y += height + GAP
    return paper


def _heading(paper: Paper, title: str, stage: str, span: tuple[float, float]) -> None:
    first, last = (datetime.fromtimestamp(at, UTC) for at in span)
    paper.write(GAP + 4, 29, title, fontsize=17)
    said = f"Stage {stage} · {first:%Y-%m-%d %H:%M:%S} to {last:%H:%M:%S} UTC"
    paper.write(WIDTH - GAP - 4, 29, said, ha="right", color=FAINT)


def _panel(paper: Paper, place: Place, panel: Panel) -> None:
    paper.box(place)
    paper.write(place.x + 12, place.y + 22, panel.title, fontsize=14)
    draw = stat if panel.shape["type"] == "stat" else timeseries
    draw(paper, place, panel)
