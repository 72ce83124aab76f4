"""Alarms that calculate, what all alarms have in common, and whom they tell."""

from typing import Any

import pytest
from aws_cdk.assertions import Template

from infra_cdk.config import for_stage
from tests.infra.metric_math import calculate
from tests.infra.templates import logical_id, one, resources
from tests.runbook import anchors, named

ALARM, TOPIC = "AWS::CloudWatch::Alarm", "AWS::SNS::Topic"

RATIOS = {"alarmsjobs": 10, "alarmsstorage": 10, "alarmsframes": 10, "alarmswebhooks": 50, "servererrors": 5}


def alarms(template: Template) -> dict[str, dict[str, Any]]:
    return {name: found["Properties"] for name, found in resources(template, ALARM).items()}


def asked(alarm: dict[str, Any]) -> dict[str, str]:
    """The metrics of an expression: id to the values of its dimensions, or to its name."""
    found = {each["Id"]: each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each}
    return {
        id_: " ".join(str(each["Value"]) for each in metric["Dimensions"] if isinstance(each["Value"], str))
        or metric["MetricName"]
        for id_, metric in found.items()
    }


def value(alarm: dict[str, Any], **data: float) -> float:
    """What the expression of an alarm is, when these have data and nothing else has any."""
    (expression,) = (each["Expression"] for each in alarm["Metrics"] if "Expression" in each)
    values = {id_: data[name] for id_, name in asked(alarm).items() if name in data}
    assert len(values) == len(data), f"{data.keys()} of {asked(alarm)}"
    return calculate(expression, values)


@pytest.mark.parametrize("deployment", ["dev", "prod", "local", "elsewhere", "tuned"])
def test_every_alarm_ends_with_a_heading_that_exists(request: pytest.FixtureRequest, deployment: str) -> None:
    known = anchors()
    for alarm in alarms(request.getfixturevalue(deployment)).values():
        description = alarm["AlarmDescription"]
        (anchor,) = named(description)
        assert anchor in known
        assert description.endswith(f"docs/runbook.md#{anchor}")


@pytest.mark.parametrize("deployment", ["dev", "prod", "local", "tuned"])
def test_every_alarm_and_its_end_go_to_the_topic_of_the_stack(
    request: pytest.FixtureRequest, deployment: str
) -> None:
    template = request.getfixturevalue(deployment)
    topic = [{"Ref": logical_id(template, TOPIC, "alarmtopic")}]
    for alarm in alarms(template).values():
        assert (alarm["AlarmActions"], alarm["OKActions"]) == (topic, topic)


def test_a_laptop_goes_without_the_alarms_that_calculate_and_no_others(
    dev: Template, local: Template
) -> None:
    calculated = {name for name, alarm in alarms(dev).items() if "Metrics" in alarm}
    assert len(calculated) == 7
    assert set(alarms(dev)) - set(alarms(local)) == calculated
    assert set(alarms(local)) <= set(alarms(dev))


def test_shares_have_their_limits(dev: Template) -> None:
    found = {name: one(dev, ALARM, name) for name in RATIOS}
    assert {name: alarm["Threshold"] for name, alarm in found.items()} == RATIOS
    for alarm in found.values():
        assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
        assert len(asked(alarm)) <= 10, "CloudWatch takes no more in an alarm"
        assert {each["MetricStat"]["Period"] for each in alarm["Metrics"] if "MetricStat" in each} == {300}


def test_failed_jobs_are_counted_among_those_that_ended(dev: Template) -> None:
    alarm = one(dev, ALARM, "alarmsjobs")
    assert value(alarm, failed=2, completed=7, cancelled=1) == 20
    assert value(alarm, failed=1) == 100
    assert value(alarm, completed=5) == 0
    with pytest.raises(ZeroDivisionError):
        value(alarm)


def test_a_missing_file_is_no_error_of_the_storage(dev: Template) -> None:
    alarm = one(dev, ALARM, "alarmsstorage")
    assert value(alarm, **{"HeadObject 404": 50, "HeadObject 200": 50}) == 0
    assert value(alarm, **{"HeadObject 503": 10, "HeadObject timeout": 10, "HeadObject 200": 80}) == 20


def test_a_closed_browser_is_no_lost_frame(dev: Template) -> None:
    alarm = one(dev, ALARM, "alarmsframes")
    assert value(alarm, gone=90, sent=10) == 0
    assert value(alarm, slow=1, failed=1, sent=6) == 25


def test_a_receiver_that_wants_no_more_is_no_failed_webhook(dev: Template) -> None:
    alarm = one(dev, ALARM, "alarmswebhooks")
    assert value(alarm, stopped=4) == 0
    assert value(alarm, failed=2, exhausted=1, delivered=1) == 75


def test_5xx_are_a_share_of_all_requests(dev: Template) -> None:
    alarm = one(dev, ALARM, "servererrors")
    assert asked(alarm) == {"errors": "5xx", "requests": "Count"}
    assert value(alarm, **{"5xx": 1, "Count": 20}) == 5
    assert value(alarm, Count=20) == 0


def test_waiting_files_without_a_worker_ring(dev: Template) -> None:
    alarm = one(dev, ALARM, "alarmsidle")
    (expression,) = (each["Expression"] for each in alarm["Metrics"] if "Expression" in each)
    sources = {
        each["Id"]: each["MetricStat"]["Metric"]["Dimensions"][0]["Value"]
        for each in alarm["Metrics"]
        if "MetricStat" in each
    }
    lanes = {
        lane: {"Fn::GetAtt": [logical_id(dev, "AWS::SQS::Queue", f"processing{lane}"), "QueueName"]}
        for lane in ("high", "normal")
    }
    worker = {"Ref": logical_id(dev, "AWS::Lambda::Function", "processfile")}
    assert sources == {**lanes, "runs": worker}
    assert calculate(expression, {"high": 3}) == 1
    assert calculate(expression, {"normal": 1, "runs": 0}) == 1
    assert calculate(expression, {"normal": 1, "runs": 1}) == 0
    assert calculate(expression, {"high": 0, "normal": 0}) == 0
    assert calculate(expression, {}) == 0


def test_a_long_run_is_no_missing_worker(dev: Template, tuned: Template) -> None:
    # Two minutes and the newest, which may be incomplete; the other's runs may take four minutes each.
    periods = [one(template, ALARM, "alarmsidle")["EvaluationPeriods"] for template in (dev, tuned)]
    assert periods == [3, 6]


def test_memory_is_watched_over_all_functions_at_once(dev: Template, prod: Template) -> None:
    alarm = one(dev, ALARM, "alarmsmemory")
    (query,) = alarm["Metrics"]
    assert (
        query["Expression"]
        == 'SELECT MAX("lambda_memory_used_bytes") FROM SCHEMA("Downloads/dev", "function")'
    )
    assert alarm["Threshold"] == 512 * 2**20 * 90 // 100
    assert one(prod, ALARM, "alarmsmemory")["Threshold"] == 1024 * 2**20 * 90 // 100


def test_slow_answers_are_those_that_nobody_holds_on_purpose(dev: Template) -> None:
    slow = {name: alarm for name, alarm in alarms(dev).items() if alarm.get("ExtendedStatistic") == "p99"}
    assert {alarm["Dimensions"][0]["Value"]["Ref"] for alarm in slow.values()} == {
        logical_id(dev, "AWS::Lambda::Function", name) for name in ("initiatejob", "jobsapi")
    }
    for alarm in slow.values():
        assert (alarm["MetricName"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Duration", 3_000, 2)


def test_thresholds_come_from_the_settings(tuned: Template) -> None:
    names = {
        "alarmsjobs": 21,
        "servererrors": 7,
        "processinghighbacklog": 77,
        "processingnormalage": 66,
        "deadlettersage": 55,
        "progressage": 4_444,
        "initiatejobslow": 333,
        "alarmsmemory": 512 * 2**20 * 50 // 100,
    }
    assert {name: one(tuned, ALARM, name)["Threshold"] for name in names} == names
    assert one(tuned, ALARM, "processinghighbacklog")["EvaluationPeriods"] == 3


def test_a_backlog_is_more_than_a_thousand_for_ten_minutes(dev: Template) -> None:
    for lane in ("high", "normal"):
        alarm = one(dev, ALARM, f"processing{lane}backlog")
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1_000, "GreaterThanThreshold")
        assert (alarm["EvaluationPeriods"], alarm["Period"]) == (10, 60)


def test_stages_ring_alike() -> None:
    dev, prod = for_stage("dev"), for_stage("prod")
    names = [name for name in vars(dev) if name.startswith("alarm_")]
    assert [getattr(dev, name) for name in names] == [getattr(prod, name) for name in names]
