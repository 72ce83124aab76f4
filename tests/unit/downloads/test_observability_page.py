"""docs/observability.md names the service's metrics, with their labels, and no others."""

import re
from pathlib import Path

from downloads import metrics
from tests.observability import exposition

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \| ((?:`\w+`(?:, )?)*) ?\|", re.MULTILINE)


def documented() -> dict[str, set[str]]:
    page = (ROOT / "docs" / "observability.md").read_text()
    table = page.partition("## Metrics")[2].partition("### CloudWatch")[0]
    return {
        name: set(re.findall(r"`(\w+)`", labels))
        for names, labels in ROW.findall(table)
        for name in re.findall(r"`(\w+)`", names)
    }


def test_every_metric_is_on_the_page_with_its_labels() -> None:
    shown = {
        metric.name: set(metric.labels) for metric in metrics.COUNTED if metric is not metrics.RECEIVED_AT
    }
    gauges = {name: set(series[0][0]) for name, series in exposition.GAUGES.items()}
    assert documented() == gauges | shown
