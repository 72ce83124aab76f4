"""Alarms: something went wrong that nobody would see otherwise."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra_cdk.config import Config


def alarm_on(scope: Construct, name: str, metric: cloudwatch.IMetric, config: Config) -> cloudwatch.Alarm:
    """An alarm at the first count of a metric, told to ALARM_TOPIC_ARN where there is one."""
    alarm = cloudwatch.Alarm(
        scope,
        f"{name}_alarm",
        metric=metric,
        threshold=1,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    if config.alarm_topic_arn:
        topic = sns.Topic.from_topic_arn(alarm, "topic", config.alarm_topic_arn)
        alarm.add_alarm_action(actions.SnsAction(topic))
    return alarm
