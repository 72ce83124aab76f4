"""The picture of the dashboard, as far as it needs no cloud: what is chosen, asked and drawn."""

import json
import math
import re
from pathlib import Path
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from tests.observability.pictures.asking import Line, Panel, Prometheus
from tests.observability.pictures.choice import CHOSEN, chosen, name
from tests.observability.pictures.graph import threshold, ticks
from tests.observability.pictures.legend import flow
from tests.observability.pictures.load import moody
from tests.observability.pictures.paper import LARGEST
from tests.observability.pictures.sheet import COLUMNS, sheet
from tests.observability.pictures.units import spell
from tests.observability.sample import filled
from tests.observability.servers import Answer, Call, serving

START = 1_795_500_000.0
SPAN = (START, START + 118)


def canned(value: float = 4.0) -> list[Panel]:
    """Each chosen panel with two minutes of a wave, a line for each of its queries."""
    moments = [START + 2 * step for step in range(60)]
    wave = tuple((at, value + value * math.sin(at / 20)) for at in moments)
    return [
        Panel(shape, SPAN, tuple(Line(target["refId"], wave) for target in shape["targets"]))
        for shape in chosen()
    ]


def test_each_chosen_panel_is_the_dashboards_and_a_row_has_one_height() -> None:
    panels = chosen()
    assert [panel["title"] for panel in panels] == list(CHOSEN)
    rows = [panels[at : at + COLUMNS] for at in range(0, len(panels), COLUMNS)]
    assert [len({panel["type"] for panel in row}) for row in rows] == [1] * len(rows)


def test_names_are_made_of_labels() -> None:
    labels = {"method": "GET", "endpoint": "/health"}
    assert name("{{method}} {{ endpoint }}", labels) == "GET /health"
    assert name("95 %", labels) == "95 %"
    assert name("{{lane}}", labels) == ""


def test_a_query_has_all_of_its_variables_filled() -> None:
    assert filled('up{stage="$stage"}', {"$stage": "dev"}) == 'up{stage="dev"}'
    with pytest.raises(ValueError, match="without a value"):
        filled("rate(up[$__interval])", {"$stage": "dev"})


@pytest.mark.parametrize(
    ("value", "unit", "spelt"),
    [
        (0, "short", "0"),
        (1234, "short", "1.23 K"),
        (2.5, "ops", "2.5 ops/s"),
        (0.25, "reqps", "0.25 req/s"),
        (0.0938, "percentunit", "9.38%"),
        (0, "s", "0 s"),
        (0.04, "s", "40 ms"),
        (12, "s", "12 s"),
        (90, "s", "1.5 min"),
        (math.nan, "percentunit", "No data"),
    ],
)
def test_numbers_have_units(value: float, unit: str, spelt: str) -> None:
    assert spell(value, unit) == spelt


def test_every_chosen_panel_has_a_unit_that_can_be_spelt() -> None:
    assert all(spell(1, panel["fieldConfig"]["defaults"]["unit"]) for panel in chosen())


def test_a_big_number_has_the_colour_of_the_last_step_that_it_reached() -> None:
    steps = [("green", None), ("orange", 0.05), ("red", 0.1)]
    thresholds = {"steps": [{"color": color, "value": value} for color, value in steps]}
    assert len({threshold(value, thresholds) for value in (0, 0.05, 0.1)}) == 3
    assert threshold(0.099, thresholds) == threshold(0.05, thresholds)
    assert threshold(7, {}) == threshold(0, thresholds)


def test_moments_on_the_axis_are_round_and_few() -> None:
    # 120 s on is too near the end for its time to be written.
    assert ticks(START + 1, START + 121) == [START + 30, START + 60, START + 90]
    assert 2 <= len(ticks(START, START + 3_600)) <= 5


def test_a_legend_goes_on_in_the_next_row() -> None:
    assert flow([40, 40, 40, 200, 10], 100) == [[0, 1], [2], [3], [4]]


def test_prometheus_is_asked_with_the_panels_own_query() -> None:
    asked: list[tuple[str, str]] = []

    def answer(call: Call) -> Answer:
        form = {key: value[0] for key, value in parse_qs(call.body.decode()).items()}
        asked.append((call.path, form["query"]))
        row = {"metric": {"lane": "high"}, "value": [START, "1"], "values": [[START, "NaN"], [START, "3"]]}
        return 200, json.dumps({"status": "success", "data": {"result": [row]}})

    shapes = {panel["title"]: panel for panel in chosen()}
    with serving(answer) as served:
        prometheus = Prometheus(f"http://{served.address}", "dev", START - 120, START)
        (fails,) = prometheus.panel(shapes["Jobs that fail"]).lines
        waits, now = prometheus.panel(shapes["Files that wait, by lane"]).lines
    assert fails.points == ((START, 1.0),)
    assert (waits.name, waits.last) == ("high", 3.0)
    assert now.name == "high: could be worked on now"
    assert [path for path, _ in asked] == ["/api/v1/query", "/api/v1/query_range", "/api/v1/query_range"]
    assert "[120s]" in asked[0][1]
    assert asked[1][1] == 'sum by (lane) (download_queue_size{stage="dev"})'


def test_the_picture_has_every_title_and_stays_small(tmp_path: Path) -> None:
    sheet("Is it well?", "dev", canned()).save(tmp_path / "panels.svg")
    svg = (tmp_path / "panels.svg").read_text()
    written = {element.text for element in ElementTree.fromstring(svg).iter() if element.text}  # noqa: S314 # our own
    assert {"Is it well?", *CHOSEN} <= {text.strip() for text in written}
    assert len(svg) < LARGEST
    assert set(re.findall(r"(?:href|url)\W+https?://[^\"]*", svg)) == set()  # it loads nothing


def test_a_panel_without_numbers_is_named() -> None:
    panels = canned()
    panels[3] = Panel(panels[3].shape, SPAN, ())
    panels[4] = Panel(panels[4].shape, SPAN, (Line("mean", ((START, math.nan),)),))
    with pytest.raises(ValueError, match=f"nothing to show: {CHOSEN[3]}, {CHOSEN[4]}"):
        sheet("Is it well?", "dev", panels)


def test_zeros_are_drawn_on_a_scale_that_begins_below_them(tmp_path: Path) -> None:
    sheet("Is it well?", "dev", canned(0.0)).save(tmp_path / "zeros.svg")
    assert "1 ops/s" in (tmp_path / "zeros.svg").read_text()


def test_the_receiver_refuses_now_and_then() -> None:
    answer = moody()
    call = Call("POST", "/hook", {}, b"")
    assert [answer(call)[0] for _ in range(5)] == [204, 204, 204, 204, 503]
