"""Functions that run every minute: their rules, and where a run that was missed or failed is kept."""

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import handlers, logical_id, one, resources

FUNCTIONS = [("sweep_jobs", "repair", "missedsweeps"), ("close_connections", "connections", "missedclosings")]


@pytest.mark.parametrize(("function", "construct", "missed"), FUNCTIONS)
def test_it_runs_every_minute_and_a_missed_run_is_seen(
    dev: Template, function: str, construct: str, missed: str
) -> None:
    rule = one(dev, "AWS::Events::Rule", construct)
    (target,) = rule["Targets"]
    found = logical_id(dev, "AWS::Lambda::Function", function.replace("_", ""))
    assert target["Arn"] == {"Fn::GetAtt": [found, "Arn"]}
    assert rule["ScheduleExpression"] == "rate(1 minute)"
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 300, "MaximumRetryAttempts": 2}
    queue = logical_id(dev, "AWS::SQS::Queue", missed)
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [queue, "Arn"]}}
    assert handlers(dev)[function]["Timeout"] < 60


@pytest.mark.parametrize(("function", "construct", "missed"), FUNCTIONS)
def test_a_run_that_fails_is_kept_as_a_dead_letter_and_the_next_minute_tries_again(
    dev: Template, function: str, construct: str, missed: str
) -> None:
    config = one(dev, "AWS::Lambda::EventInvokeConfig", construct)
    queue = logical_id(dev, "AWS::SQS::Queue", missed)
    assert config["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": [queue, "Arn"]}
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (0, 300)


def test_nothing_else_runs_by_the_clock(dev: Template) -> None:
    rules = resources(dev, "AWS::Events::Rule").values()
    assert sum("ScheduleExpression" in rule["Properties"] for rule in rules) == len(FUNCTIONS)
