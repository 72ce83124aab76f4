"""The topic of alarms: encrypted, over TLS, open to this stack's alarms and to nobody else."""

import json
from typing import Any

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import logical_id, one, resources

TOPIC, POLICY, SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription"
CLOUDWATCH = {"Service": "cloudwatch.amazonaws.com"}
KEY = "AWS::KMS::Key"


def statements(template: Template) -> dict[str, dict[str, Any]]:
    document = one(template, POLICY, "alarmtopic")["PolicyDocument"]
    return {each["Effect"]: each for each in document["Statement"]}


def test_production_encrypts_it_by_its_own_key(prod: Template) -> None:
    key = {"Fn::GetAtt": [logical_id(prod, KEY, "key"), "Arn"]}
    assert one(prod, TOPIC, "alarmtopic")["KmsMasterKeyId"] == key


def test_it_is_never_under_the_key_by_which_cloudwatch_cannot_publish(dev: Template) -> None:
    assert "KmsMasterKeyId" not in one(dev, TOPIC, "alarmtopic")
    assert "alias/aws/sns" not in json.dumps(dev.to_json())


def test_cloudwatch_may_use_the_key_for_the_alarms_of_this_stack(prod: Template) -> None:
    (statement,) = (
        each for each in one(prod, KEY, "key")["KeyPolicy"]["Statement"] if each["Principal"] == CLOUDWATCH
    )
    assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}
    assert statement["Condition"] == statements(prod)["Allow"]["Condition"]


@pytest.mark.parametrize("deployment", ["dev", "prod"])
def test_alarms_of_this_stack_may_publish_and_nobody_without_tls(
    request: pytest.FixtureRequest, deployment: str
) -> None:
    found = statements(request.getfixturevalue(deployment))
    assert (found["Allow"]["Principal"], found["Allow"]["Action"]) == (CLOUDWATCH, "sns:Publish")
    conditions = found["Allow"]["Condition"]
    assert conditions["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
    source = conditions["ArnLike"]["aws:SourceArn"]["Fn::Join"][1]
    assert source[-1] == f":alarm:downloads-{deployment}-*"
    assert (found["Deny"]["Principal"], found["Deny"]["Action"]) == ("*", "sns:Publish")
    assert found["Deny"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_it_writes_to_whom_alarm_email_names(dev: Template, tuned: Template) -> None:
    dev.resource_count_is(SUBSCRIPTION, 0)
    (subscription,) = (each["Properties"] for each in resources(tuned, SUBSCRIPTION).values())
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "on-call@example.org")


def test_a_topic_of_the_adopters_is_taken_as_it_is(elsewhere: Template) -> None:
    elsewhere.resource_count_is(TOPIC, 0)
    elsewhere.resource_count_is(POLICY, 0)
    theirs = "arn:aws:sns:eu-central-1:123456789012:alarms"
    for alarm in resources(elsewhere, "AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == alarm["Properties"]["OKActions"] == [theirs]
    assert elsewhere.to_json()["Outputs"]["AlarmTopicArn"]["Value"] == theirs


def test_the_stack_says_where_it_is(dev: Template) -> None:
    found = dev.to_json()["Outputs"]["AlarmTopicArn"]["Value"]
    assert found == {"Ref": logical_id(dev, TOPIC, "alarmtopic")}
