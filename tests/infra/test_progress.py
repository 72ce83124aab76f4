"""The mapping of the table's stream: its defaults would retry for ever and stall on one bad record."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import logical_id, resources


@pytest.fixture(scope="module")
def mapping(dev: Template) -> dict[str, Any]:
    found = [each["Properties"] for each in resources(dev, "AWS::Lambda::EventSourceMapping").values()]
    (stream,) = (each for each in found if "StartingPosition" in each)
    return dict(stream)


def test_it_reads_the_stream_of_the_table_from_its_oldest_record(
    dev: Template, mapping: dict[str, Any]
) -> None:
    table = logical_id(dev, "AWS::DynamoDB::Table", "table")
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [table, "StreamArn"]}
    assert mapping["FunctionName"] == {"Ref": logical_id(dev, "AWS::Lambda::Function", "publishprogress")}
    assert mapping["StartingPosition"] == "TRIM_HORIZON"


def test_it_takes_up_to_100_records_without_waiting_for_more(mapping: dict[str, Any]) -> None:
    assert mapping["BatchSize"] == 100
    assert mapping["MaximumBatchingWindowInSeconds"] == 0
    assert mapping["ParallelizationFactor"] == 1


def test_it_gives_up_on_a_record_and_keeps_it(dev: Template, mapping: dict[str, Any]) -> None:
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BisectBatchOnFunctionError"] is True
    assert mapping["MaximumRetryAttempts"] == 5
    assert mapping["MaximumRecordAgeInSeconds"] == 3_600
    failures = logical_id(dev, "AWS::SQS::Queue", "failures")
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": {"Fn::GetAtt": [failures, "Arn"]}}}


def test_it_is_called_for_changed_jobs_tallies_wishes_to_watch_and_expired_bundles_only(
    mapping: dict[str, Any],
) -> None:
    patterns = [json.loads(each["Pattern"]) for each in mapping["FilterCriteria"]["Filters"]]
    assert patterns == [
        {"eventName": ["MODIFY"], "dynamodb": {"Keys": {"SK": {"S": ["JOB"]}}}},
        {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"SK": {"S": [{"prefix": "TALLY#"}]}}}},
        {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"Keys": {"SK": {"S": ["WISH"]}}}},
        {"eventName": ["REMOVE"], "dynamodb": {"Keys": {"SK": {"S": ["BUNDLE"]}}}},
    ]
