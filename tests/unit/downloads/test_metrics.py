"""Counting: what is added up, what is shown, and that it reads as Prometheus and CloudWatch read it."""

import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from downloads import emf, metrics
from downloads.exposition import Gauge, Scrape, render
from downloads.meter import Meter
from downloads.metrics import COUNTED, FUNCTIONS
from tests.observability import exposition as expected

HANDLERS = Path(__file__).parents[3] / "functions"


def shown(numbers: dict[tuple[str, ...], float], *gauges: Gauge) -> dict[str, dict[str, float]]:
    """By the name of the series, what each set of labels has: values, in the order of the labels' names."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(render(Scrape(numbers, gauges))):
        for sample in family.samples:
            found.setdefault(sample.name, {})[
                ",".join(value for _, value in sorted(sample.labels.items()))
            ] = sample.value
    return found


def test_every_function_has_its_place() -> None:
    assert set(FUNCTIONS) == {path.stem for path in HANDLERS.glob("*.py")}


def test_what_was_added_is_told_once() -> None:
    meter = Meter()
    meter.add(metrics.JOBS, status="queued")
    meter.add(metrics.FILE_BYTES, 7)
    told = [(sample.metric, sample.labels, sample.value) for sample in meter.drain()]
    assert told == [(metrics.JOBS, ("queued",), 1), (metrics.FILE_BYTES, (), 7)]
    assert meter.drain() == []


def test_a_label_that_is_missing_is_no_count() -> None:
    with pytest.raises(KeyError, match="status"):
        Meter().add(metrics.JOBS)


def test_known_series_are_there_before_anything_happens() -> None:
    found = shown({})
    assert found["download_jobs_total"] == dict.fromkeys(
        ["queued", "processing", "completed", "failed", "cancelled"], 0
    )
    assert found["lambda_invocations_total"]["sweep_jobs,ok"] == 0
    assert found["download_jobs_duration_seconds_count"] == {"completed": 0, "failed": 0, "cancelled": 0}
    assert found["download_transaction_conflicts_total"] == {"": 0}


def test_a_route_that_was_called_shows_the_faults_that_it_has_not_had() -> None:
    found = shown({("http_requests_total", "GET", "/health", "200"): 3})
    assert found["http_requests_total"] == {"/health,GET,200": 3, "/health,GET,500": 0, "/health,GET,503": 0}


def test_buckets_grow_to_the_count() -> None:
    name = "download_jobs_duration_seconds"
    found = shown({(name, "failed", "3"): 2, (name, "failed", "18"): 1, (name, "failed", "sum"): 4000.5})
    at_most = {
        label.split(",")[0]: count for label, count in found[f"{name}_bucket"].items() if "failed" in label
    }
    assert (at_most["0.025"], at_most["0.05"], at_most["3600"], at_most["+Inf"]) == (0, 2, 2, 3)
    assert (found[f"{name}_count"]["failed"], found[f"{name}_sum"]["failed"]) == (3, 4000.5)


def test_labels_are_escaped() -> None:
    odd = 'a"b\\c\nd'
    assert shown({}, Gauge("odd", "odd", ("of",), {(odd,): 1}))["odd"] == {odd: 1}


def test_the_sample_watches_what_the_service_shows() -> None:
    """Rules and dashboards are tried with these names and labels: the service has no others."""
    labels = {metric.name: set(metric.labels) for metric in COUNTED if metric not in metrics.UNSHOWN}
    tried = {name: set(series[0][0]) for name, series in expected.COUNTERS.items()}
    tried |= {name: set(labels) for name, (labels, *_) in expected.HISTOGRAMS.items()}
    tried |= {name: set(series[0][0]) for name, series in expected.GAUGES.items()}
    assert {name: tried.get(name) for name in labels} == labels


def test_lines_for_cloudwatch_have_the_labels_as_dimensions_and_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    meter = Meter()
    for seconds in (0.5, 0.25):
        meter.add(metrics.S3_CALLS, operation="HeadObject", status="200")
        meter.add(metrics.S3_SECONDS, seconds, operation="HeadObject")
    meter.add(metrics.CONFLICTS)
    meter.add(metrics.RECEIVED_AT, 1, lane="high")
    meter.add(metrics.RUNS, function="process_file", outcome="ok")
    emf.write(meter.drain(), "Downloads/test")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    told = {
        line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"]: (
            line["_aws"]["CloudWatchMetrics"][0],
            {name: value for name, value in line.items() if name != "_aws"},
        )
        for line in lines
    }
    assert len(lines) == 3
    about, values = told["s3_requests_total"]
    assert about["Namespace"] == "Downloads/test"
    assert about["Dimensions"] == [["operation", "status"]]
    assert values == {"operation": "HeadObject", "status": "200", "s3_requests_total": [2.0]}
    about, values = told["s3_request_duration_seconds"]
    assert about["Metrics"] == [{"Name": "s3_request_duration_seconds", "Unit": "Seconds"}]
    assert values["s3_request_duration_seconds"] == [0.5, 0.25]
    assert told["download_transaction_conflicts_total"][0]["Dimensions"] == [[]]


def test_what_is_more_than_a_line_takes_goes_on_in_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    """A metric has at most 100 values in a line ("Specification: Embedded metric format")."""
    meter = Meter()
    for number in range(250):
        meter.add(metrics.S3_SECONDS, number, operation="HeadObject")
        meter.add(metrics.S3_BYTES, 2, operation="HeadObject")
    emf.write(meter.drain(), "Downloads/test")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    seconds = [line.get(metrics.S3_SECONDS.name, []) for line in lines]
    assert [len(part) for part in seconds] == [100, 100, 50]
    assert [value for part in seconds for value in part] == list(range(250))
    assert [line.get(metrics.S3_BYTES.name) for line in lines] == [[500], None, None]
    for line in lines:
        directive = line["_aws"]["CloudWatchMetrics"][0]
        assert directive["Dimensions"] == [["operation"]]
        assert {metric["Name"] for metric in directive["Metrics"]} == set(line) - {"_aws", "operation"}
