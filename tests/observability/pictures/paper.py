"""The sheet that panels are drawn on: Grafana's dark colours, places in pixels from the top left."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import FancyBboxPatch

SHEET, PANEL, EDGE = "#111217", "#181b1f", "#2b2e34"
TEXT, FAINT, GRID = "#ccccdc", "#8e8fa0", "#2a2d33"
FONTS = "Inter, 'Helvetica Neue', Arial, 'DejaVu Sans', sans-serif"
LARGEST = 300_000


@dataclass(frozen=True)
class Place:
    """A rectangle in pixels, y downwards."""

    x: float
    y: float
    width: float
    height: float

    def inside(self, left: float, top: float, right: float, bottom: float) -> "Place":
        return Place(self.x + left, self.y + top, self.width - left - right, self.height - top - bottom)


class Paper:
    """A figure whose unit is a pixel."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        # SVG knows 72 points an inch, so that a point is a pixel.
        self.figure = Figure((width / 72, height / 72), dpi=72, facecolor=SHEET)
        self._measure: Any = FigureCanvasAgg(self.figure).get_renderer()

    def box(self, place: Place) -> None:
        """The panel's own ground, with round corners."""
        corner = (place.x / self.width, 1 - (place.y + place.height) / self.height)
        style = f"round,pad=0,rounding_size={3 / self.width}"
        extent = (place.width / self.width, place.height / self.height)
        self.figure.add_artist(
            FancyBboxPatch(
                corner, *extent, boxstyle=style, facecolor=PANEL, edgecolor=EDGE, linewidth=1,
                mutation_aspect=self.width / self.height, transform=self.figure.transFigure,
                zorder=-1,
            )
        )  # fmt: skip

    def axes(self, place: Place) -> Axes:
        left, bottom = place.x / self.width, 1 - (place.y + place.height) / self.height
        return self.figure.add_axes((left, bottom, place.width / self.width, place.height / self.height))

    def write(self, x: float, y: float, text: str, **style: Any) -> None:
        """Text whose base line starts at this place."""
        style = {"color": TEXT, "fontsize": 13, "va": "baseline", **style}
        self.figure.text(x / self.width, 1 - y / self.height, text, **style)

    def width_of(self, text: str, fontsize: float) -> float:
        """How many pixels a text would take."""
        font = FontProperties(size=fontsize)
        return float(self._measure.get_text_width_height_descent(text, font, ismath=False)[0])

    def save(self, path: Path) -> None:
        """Write an SVG whose text is text, so that it stays small and sharp.

        Raises:
            ValueError: it is larger than 300 kB.
        """
        drawn = io.StringIO()
        with rc_context({"svg.fonttype": "none", "svg.hashsalt": path.stem}):
            self.figure.savefig(drawn, format="svg", facecolor=SHEET, metadata={"Date": None})
        svg = re.sub(r"font-family: [^;]*; ", "", drawn.getvalue())
        svg = svg.replace("<svg ", f'<svg font-family="{FONTS}" ', 1)
        # A hundredth of a pixel is enough.
        svg = re.sub(r"(\.\d\d)\d+", r"\1", svg)
        if len(svg) > LARGEST:
            raise ValueError(f"{path} would have {len(svg)} bytes")
        path.write_text(svg)
