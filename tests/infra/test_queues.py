"""What holds for every queue, in every deployment."""

import pytest
from aws_cdk.assertions import Template

from tests.infra.templates import resources

QUEUE, POLICY = "AWS::SQS::Queue", "AWS::SQS::QueuePolicy"
DEPLOYMENTS = ("dev", "prod", "local", "elsewhere")


@pytest.fixture(params=DEPLOYMENTS)
def template(request: pytest.FixtureRequest) -> Template:
    found: Template = request.getfixturevalue(request.param)
    return found


def test_every_queue_is_encrypted_and_keeps_messages_for_14_days(template: Template) -> None:
    queues = [queue["Properties"] for queue in resources(template, QUEUE).values()]
    assert len(queues) == 11
    assert all(queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId") for queue in queues)
    assert {queue["MessageRetentionPeriod"] for queue in queues} == {14 * 86_400}


def test_every_queue_refuses_to_talk_without_tls(template: Template) -> None:
    refusing = [
        queue["Ref"]
        for policy in resources(template, POLICY).values()
        for queue in policy["Properties"]["Queues"]
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Action"] == "sqs:*"
        and statement["Principal"] == {"AWS": "*"}
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    ]
    assert sorted(refusing) == sorted(resources(template, QUEUE))


def test_only_the_schedules_rules_are_let_in_besides_our_roles(template: Template) -> None:
    allowed = [
        statement
        for policy in resources(template, POLICY).values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]
    rules = resources(template, "AWS::Events::Rule")
    assert {each["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::GetAtt"][0] for each in allowed} == set(
        rules
    )
    assert {each["Principal"]["Service"] for each in allowed} == {"events.amazonaws.com"}
    assert {each["Action"] for each in allowed} == {"sqs:SendMessage"}
