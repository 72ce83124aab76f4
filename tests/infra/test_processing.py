"""Lanes, their dead-letter queue, and the two mappings of process_file."""

from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import handlers, logical_id, one, resources

QUEUE, MAPPING = "AWS::SQS::Queue", "AWS::Lambda::EventSourceMapping"


def mapping_of(template: Template, lane: str) -> dict[str, Any]:
    source = {"Fn::GetAtt": [logical_id(template, QUEUE, f"processing{lane}"), "Arn"]}
    found = [found["Properties"] for found in resources(template, MAPPING).values()]
    (mapping,) = (each for each in found if each["EventSourceArn"] == source)
    return dict(mapping)


@pytest.mark.parametrize(("lane", "share"), [("high", 2), ("normal", 3)])
def test_a_lane_feeds_process_file_under_its_share_of_the_concurrency(
    dev: Template, lane: str, share: int
) -> None:
    mapping = mapping_of(dev, lane)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": share}
    assert mapping["BatchSize"] == 10
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumBatchingWindowInSeconds" not in mapping
    assert mapping["FunctionName"] == {"Ref": logical_id(dev, "AWS::Lambda::Function", "processfile")}


def test_the_shares_follow_the_settings(elsewhere: Template) -> None:
    shares = {lane: mapping_of(elsewhere, lane)["ScalingConfig"] for lane in ("high", "normal")}
    assert shares == {"high": {"MaximumConcurrency": 4}, "normal": {"MaximumConcurrency": 6}}


def test_no_consumer_of_a_queue_has_reserved_concurrency(dev: Template) -> None:
    assert all("ReservedConcurrentExecutions" not in function for function in handlers(dev).values())


@pytest.mark.parametrize("lane", ["high", "normal"])
def test_a_message_stays_hidden_for_six_runs_of_its_function(dev: Template, lane: str) -> None:
    visibility = one(dev, QUEUE, f"processing{lane}")["VisibilityTimeout"]
    assert visibility >= 6 * handlers(dev)["process_file"]["Timeout"]


@pytest.mark.parametrize(("deployment", "attempts"), [("dev", 5), ("elsewhere", 3)])
@pytest.mark.parametrize("lane", ["high", "normal"])
def test_the_last_attempt_leads_to_the_dead_letter_queue(
    request: pytest.FixtureRequest, deployment: str, attempts: int, lane: str
) -> None:
    template: Template = request.getfixturevalue(deployment)
    dead_letters = logical_id(template, QUEUE, "deadletters")
    assert one(template, QUEUE, f"processing{lane}")["RedrivePolicy"] == {
        "deadLetterTargetArn": {"Fn::GetAtt": [dead_letters, "Arn"]},
        "maxReceiveCount": attempts,
    }
    assert handlers(template)["process_file"]["Environment"]["Variables"]["MAX_ATTEMPTS"] == str(attempts)
