"""Every panel shows something: its queries are asked of the Prometheus that watches."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

from tests.observability.conftest import Watch
from tests.observability.exposition import NAMES, metric_of
from tests.observability.sample import DASHBOARDS, SAMPLE, filled, metrics_in, panels, read

# One Prometheus for all of these.
pytestmark = pytest.mark.xdist_group("observability")

PANELS = panels()
PANEL_IDS = [f"{dashboard}: {panel['title']}" for dashboard, panel in PANELS]
# What Grafana would put in.
VARIABLES = {"$__rate_interval": "1m", "$__range": "5m", "$stage": "well"}
SHOWN = {name for _, panel in PANELS for target in panel["targets"] for name in metrics_in(target["expr"])}


@pytest.mark.parametrize(("dashboard", "panel"), PANELS, ids=PANEL_IDS)
def test_a_panel_shows_numbers(watch: Watch, dashboard: str, panel: dict[str, Any]) -> None:
    for target in panel["targets"]:
        rows = watch.query(filled(target["expr"], VARIABLES))
        assert rows, target["expr"]
        assert [row for row in rows if not math.isfinite(float(row["value"][1]))] == []


def test_no_panel_is_about_a_metric_that_does_not_exist_and_none_is_left_out() -> None:
    assert {metric_of(name) for name in SHOWN} == NAMES


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_grafana_knows_every_field(path: Path) -> None:
    """Grafana's own model of a dashboard drops what it does not know: nothing of ours may get lost."""
    ours = json.loads(path.read_text())
    theirs = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(ours)))
    # The one field that belongs to the data source, which the model leaves to it.
    assert [lost for lost in _lost(ours, theirs, "") if ".titleFormat" not in lost] == []


def _lost(ours: Any, theirs: Any, at: str) -> list[str]:
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return [lost for key in ours for lost in _lost(ours[key], theirs.get(key, "left out"), f"{at}.{key}")]
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = enumerate(zip(ours, theirs, strict=True))
        return [lost for index, pair in pairs for lost in _lost(*pair, f"{at}[{index}]")]
    return [] if ours == theirs else [f"{at}: {ours!r} became {theirs!r}"]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_panels_lie_side_by_side_and_ask_a_source_that_is_provisioned(path: Path) -> None:
    dashboard = json.loads(path.read_text())
    sources = read(SAMPLE / "grafana" / "provisioning" / "datasources" / "datasources.yml")["datasources"]
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        grid = panel["gridPos"]
        assert grid["x"] + grid["w"] <= 24  # columns that Grafana has
        cells = {
            (x, y)
            for x in range(grid["x"], grid["x"] + grid["w"])
            for y in range(grid["y"], grid["y"] + grid["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        uids = {target["datasource"]["uid"] for target in panel.get("targets", [])}
        assert uids <= {source["uid"] for source in sources}
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)


def test_dashboards_have_addresses_of_their_own() -> None:
    assert [json.loads(path.read_text())["uid"] for path in DASHBOARDS] == [path.stem for path in DASHBOARDS]
