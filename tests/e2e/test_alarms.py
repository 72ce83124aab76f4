"""An alarm of the deployed stack reaches who listens at its topic, with the runbook's heading."""

import json

from tests.e2e.conftest import Service, until
from tests.runbook import anchors, named


def test_an_alarm_reaches_a_listener(service: Service) -> None:
    cloud = service.cloud
    sqs, sns, cloudwatch = (cloud.client(name) for name in ("sqs", "sns", "cloudwatch"))
    listener = sqs.create_queue(QueueName="listener")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=listener, AttributeNames=["QueueArn"])
    topic = cloud.outputs["AlarmTopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=asked["Attributes"]["QueueArn"])
    alarms = cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]
    name = next(each["AlarmName"] for each in alarms if "initiatejobslow" in each["AlarmName"])
    for state in ("ALARM", "OK"):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="tried")
        heard = until(
            lambda: sqs.receive_message(QueueUrl=listener, WaitTimeSeconds=1).get("Messages", []), bool
        )
        told = json.loads(json.loads(heard[0]["Body"])["Message"])
        sqs.delete_message(QueueUrl=listener, ReceiptHandle=heard[0]["ReceiptHandle"])
        assert (told["AlarmName"], told["NewStateValue"]) == (name, state)
        assert set(named(told["AlarmDescription"])) < anchors()


def test_the_dashboard_is_deployed_whole(service: Service) -> None:
    name = service.cloud.outputs["DashboardName"]
    board = service.cloud.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]
    widgets = json.loads(board)["widgets"]
    assert {each["type"] for each in widgets} == {"text", "alarm", "metric", "log"}
    assert "Fn::" not in board
    assert service.cloud.outputs["StackName"] in board
