"""The dashboard: everything is on it, and every metric that it asks for is one that exists."""

import pytest
from aws_cdk.assertions import Template

from downloads.metrics import NAMED
from downloads.setting_parts import read
from downloads.settings import RunSettings
from infra_cdk.config import for_stage
from tests.infra.boards import DASHBOARD, SEARCH, expressions, lines, titled, widgets
from tests.infra.metric_math import calculate
from tests.infra.templates import handlers, logical_id, one, resources
from tests.runbook import anchors, named

OURS = read(RunSettings, {"stage": "dev", "table_name": "jobs"}).namespace
LABELS = {name: set(metric.labels) for name, metric in NAMED.items()}


def test_each_stage_has_its_own(dev: Template, prod: Template) -> None:
    names = [one(template, DASHBOARD, "dashboard")["DashboardName"] for template in (dev, prod)]
    assert names == ["downloads-dev", "downloads-prod"]
    assert dev.to_json()["Outputs"]["DashboardName"]["Value"] == {"Ref": logical_id(dev, DASHBOARD, "dash")}


def test_a_laptop_has_the_same(dev: Template, local: Template) -> None:
    titles, here = (
        [each["properties"].get("title") for each in widgets(template)] for template in (dev, local)
    )
    assert titles == here


def test_every_metric_of_ours_exists_with_these_dimensions(dev: Template) -> None:
    asked = [line for line in lines(dev) if line.namespace == OURS]
    assert asked
    assert [line for line in asked if set(line.dimensions) != LABELS.get(line.name)] == []


def test_every_search_is_for_a_metric_of_ours_by_its_dimensions(dev: Template) -> None:
    searched = [text for text in expressions(dev) if "SEARCH" in text]
    assert searched
    for text in searched:
        found = SEARCH.fullmatch(text)
        assert found, text
        namespace, labels, name, *_ = found.groups()
        assert (namespace, set(labels.split(",")[1:])) == (OURS, LABELS[name])


def test_stages_of_one_account_stay_apart(prod: Template) -> None:
    ours = {line.namespace for line in lines(prod) if line.namespace.startswith("Downloads")}
    assert (
        ours == {read(RunSettings, {"stage": "prod", "table_name": "jobs"}).namespace} == {"Downloads/prod"}
    )


def test_values_of_dimensions_are_those_that_are_counted(dev: Template) -> None:
    """Where a metric foresees the values of its labels, the dashboard asks for no other."""
    foreseen = {
        (name, label): values for name, metric in NAMED.items() for label, values in metric.labels.items()
    }
    asked = {
        (line.name, label, value)
        for line in lines(dev)
        if line.namespace == OURS
        for label, value in line.dimensions.items()
    }
    assert asked
    assert {
        (name, label, value)
        for name, label, value in asked
        if foreseen[name, label] and value not in foreseen[name, label]
    } == set()


def test_what_happens_in_a_job_is_on_it(dev: Template) -> None:
    shown = {line.name for line in lines(dev)} | {
        found.group(3) for text in expressions(dev) if (found := SEARCH.fullmatch(text))
    }
    assert {
        "download_jobs_total",
        "download_jobs_duration_seconds",
        "download_files_processed_total",
        "http_requests_total",
        "http_request_duration_seconds",
        "s3_requests_total",
        "s3_request_duration_seconds",
        "websocket_frames_total",
        "webhook_deliveries_total",
        "download_transaction_conflicts_total",
        "download_sweeper_repairs_total",
        "lambda_cold_starts_total",
        "lambda_memory_used_bytes",
    } <= shown


@pytest.mark.parametrize("metric", ["Errors", "Throttles", "Duration", "Invocations", "ConcurrentExecutions"])
def test_every_function_is_on_it(dev: Template, tuned: Template, metric: str) -> None:
    for template in (dev, tuned):
        shown = {line.dimensions["FunctionName"] for line in lines(template) if line.name == metric}
        assert shown == set(resources(template, "AWS::Lambda::Function"))
    assert "expose_metrics" in handlers(tuned)


def test_every_queue_is_on_it(dev: Template) -> None:
    visible = [line for line in lines(dev) if line.name == "ApproximateNumberOfMessagesVisible"]
    assert {line.dimensions["QueueName"] for line in visible} == set(resources(dev, "AWS::SQS::Queue"))


def test_working_queues_and_dead_letters_are_not_mixed(dev: Template) -> None:
    dead = {metric[3] for metric in titled(dev, "Dead letters")["metrics"]}
    ends = (
        "deadletters", "parked", "failures", "missedsweeps", "missedclosings", "undelivered", "unbundled",
        "untold",
    )  # fmt: skip
    assert dead == {logical_id(dev, "AWS::SQS::Queue", name) for name in ends}


def test_every_alarm_is_on_it(dev: Template) -> None:
    (shown,) = (each["properties"]["alarms"] for each in widgets(dev) if each["type"] == "alarm")
    assert sorted(shown) == sorted(resources(dev, "AWS::CloudWatch::Alarm"))


def test_tables_read_the_logs_of_all_functions(dev: Template) -> None:
    groups = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in handlers(dev).values()}
    queries = [each["properties"]["query"] for each in widgets(dev) if each["type"] == "log"]
    assert len(queries) == 7
    for query in queries:
        sources = {part.split("'")[1] for part in query.split(" | ") if part.startswith("SOURCE")}
        assert sources == groups


def test_limits_on_graphs_are_those_of_the_alarms(tuned: Template) -> None:
    drawn = {
        title: titled(tuned, title)["annotations"]["horizontal"][0]["value"]
        for title in ("Failed jobs, % of those that ended", "5xx, % of requests", "Messages that wait")
    }
    assert list(drawn.values()) == [21, 7, 77]


def test_it_leads_into_the_runbook(dev: Template, tuned: Template) -> None:
    guide = widgets(dev)[0]["properties"]["markdown"]
    assert set(named(guide)) <= anchors()
    assert len(named(guide)) > 10
    assert "](" not in guide, "a link that leads nowhere in CloudWatch"
    linked = widgets(tuned)[0]["properties"]["markdown"]
    assert "[Files wait](https://git.example/blob/main/docs/runbook.md#files-wait)" in linked


@pytest.mark.parametrize(
    ("service", "used", "dollars"),
    [
        ("Lambda", {"Duration": 1_000}, 15 * 0.5 * 0.0000133334),
        ("Lambda", {"Invocations": 1_000_000}, 15 * 0.20),
        ("DynamoDB", {"ConsumedWriteCapacityUnits": 1_000_000}, 3 * 0.625),
        ("DynamoDB", {"ConsumedReadCapacityUnits": 1_000_000}, 3 * 0.125),
        ("SQS, at most", {"NumberOfMessagesSent": 1_000_000}, 13 * 0.40),
        ("API Gateway", {"Count": 1_000_000, "MessageCount": 1_000_000}, 2.00),
        ("S3 HEAD", {"s3_requests_total": 1_000_000}, 2 * 0.40),
        ("CloudWatch Logs", {"IncomingBytes": 1_000_000_000}, 15 * 0.50),
        ("S3 to the internet", {"download_file_bytes_total": 1_000_000_000}, 0.09),
    ],
)
def test_what_an_hour_costs(dev: Template, service: str, used: dict[str, int], dollars: float) -> None:
    """Each metric of a service that has a name in `used` has that value; all others have no data."""
    (found,) = (each for each in expressions(dev).values() if each.get("label") == service)
    values = {line.id: used[line.name] for line in lines(dev) if line.id and line.name in used}
    assert calculate(found["expression"], values) == pytest.approx(dollars)
    assert for_stage("dev").memory_mb == 512


def test_no_price_is_written_with_an_exponent(dev: Template) -> None:
    assert [text for text in expressions(dev) if "e-" in text] == []
