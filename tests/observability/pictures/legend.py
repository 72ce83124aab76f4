"""The names of the lines below a graph, and their colours."""

from collections.abc import Sequence

from tests.observability.pictures.asking import Line
from tests.observability.pictures.paper import Paper, Place

# Grafana's classic palette, in its order.
PALETTE = (
    "#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d",
    "#fade2a",
)  # fmt: skip
LINE_PX, DASH_PX, BETWEEN_PX = 18, 18, 14


def legend(paper: Paper, place: Place, lines: Sequence[Line]) -> int:
    """Writes the names below the graph, as many as go into a line; returns how many lines they took."""
    wide = [DASH_PX + paper.width_of(line.name, 12) + BETWEEN_PX for line in lines]
    rows = flow(wide, place.width)
    for row, indexes in enumerate(rows):
        x = place.x
        y = place.y + place.height - 12 - LINE_PX * (len(rows) - 1 - row)
        for index in indexes:
            paper.write(x, y, "\N{EM DASH}", color=PALETTE[index % len(PALETTE)], fontsize=14, weight="bold")
            paper.write(x + DASH_PX, y, lines[index].name, fontsize=12)
            x += wide[index]
    return len(rows)


def flow(widths: Sequence[float], most: float) -> list[list[int]]:
    """Which items stand together in rows that are no wider than `most`, by their places."""
    rows: list[list[int]] = [[]]
    taken = 0.0
    for place, wide in enumerate(widths):
        if rows[-1] and taken + wide > most:
            rows.append([])
            taken = 0.0
        rows[-1].append(place)
        taken += wide
    return rows
