"""Alarms: on what, from which value on, and what each tells whoever it wakes."""

from typing import Any

from aws_cdk.assertions import Template

from tests.infra.templates import handlers, logical_id, resources

ALARM, QUEUE = "AWS::CloudWatch::Alarm", "AWS::SQS::Queue"


def watching(template: Template, metric: str) -> list[dict[str, Any]]:
    found = [alarm["Properties"] for alarm in resources(template, ALARM).values()]
    return [alarm for alarm in found if alarm.get("MetricName") == metric]


def values(alarm: dict[str, Any]) -> list[Any]:
    """What an alarm's metric is of: the values of its dimensions."""
    return [dimension["Value"] for dimension in alarm["Dimensions"]]


def test_every_function_rings_when_it_fails_or_is_throttled(dev: Template) -> None:
    functions = [{"Ref": name} for name in resources(dev, "AWS::Lambda::Function")]
    assert len(functions) == len(handlers(dev))
    for metric in ("Errors", "Throttles"):
        alarms = watching(dev, metric)
        assert [value for alarm in alarms for value in values(alarm)] == functions
        assert {(alarm["Threshold"], alarm["Statistic"]) for alarm in alarms} == {(1, "Sum")}


def test_the_first_dead_letter_rings(dev: Template) -> None:
    alarms = [
        alarm for alarm in watching(dev, "ApproximateNumberOfMessagesVisible") if alarm["Threshold"] == 1
    ]
    ends = ("parked", "missedsweeps", "missedclosings", "failures", "undelivered", "unbundled")
    names = {logical_id(dev, QUEUE, name) for name in ends}
    assert {value["Fn::GetAtt"][0] for alarm in alarms for value in values(alarm)} == names


def test_a_lane_rings_when_files_wait_for_half_an_hour(dev: Template) -> None:
    rings = {
        values(alarm)[0]["Fn::GetAtt"][0]: (alarm["Threshold"], alarm["Statistic"])
        for alarm in watching(dev, "ApproximateAgeOfOldestMessage")
    }
    assert rings == {
        logical_id(dev, QUEUE, "processinghigh"): (1_800, "Maximum"),
        logical_id(dev, QUEUE, "processingnormal"): (1_800, "Maximum"),
        # A dead letter that nobody could mark or park.
        logical_id(dev, QUEUE, "deadletters"): (900, "Maximum"),
    }


def test_what_runs_by_the_clock_and_does_not_run_rings(dev: Template) -> None:
    alarms = watching(dev, "Invocations")
    functions = ("sweepjobs", "closeconnections")
    assert {values(alarm)[0]["Ref"] for alarm in alarms} == {
        logical_id(dev, "AWS::Lambda::Function", name) for name in functions
    }
    for alarm in alarms:
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "LessThanThreshold")
        assert (alarm["EvaluationPeriods"], alarm["TreatMissingData"]) == (3, "breaching")


def test_progress_that_is_a_minute_late_rings(dev: Template) -> None:
    (alarm,) = watching(dev, "IteratorAge")
    assert (alarm["Threshold"], alarm["Statistic"]) == (60_000, "Maximum")
    assert values(alarm) == [{"Ref": logical_id(dev, "AWS::Lambda::Function", "publishprogress")}]


def test_an_alarm_says_in_one_line_what_to_look_at_and_is_quiet_without_data(dev: Template) -> None:
    for alarm in (found["Properties"] for found in resources(dev, ALARM).values()):
        assert any(hint in alarm["AlarmDescription"] for hint in ("look ", "read "))
        assert "\n" not in alarm["AlarmDescription"]
        silent = alarm.get("MetricName") == "Invocations"
        assert alarm["TreatMissingData"] == ("breaching" if silent else "notBreaching")
