"""Alarms: something went wrong that nobody would see otherwise."""

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra_cdk.config import Config


def alarm_on(  # noqa: PLR0913 # what an alarm is made of
    scope: Construct,
    name: str,
    metric: cloudwatch.IMetric,
    config: Config,
    *,
    description: str,
    threshold: int = 1,
) -> cloudwatch.Alarm:
    """An alarm where a metric reaches the threshold, told to ALARM_TOPIC_ARN where there is one.

    `description` is one line that says what to look at. One metric each: the emulator has no metric math.
    """
    alarm = cloudwatch.Alarm(
        scope,
        f"{name}_alarm",
        metric=metric,
        alarm_description=description,
        threshold=threshold,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
    )
    _tell(alarm, config)
    return alarm


def alarm_on_silence(
    scope: Construct, name: str, metric: cloudwatch.IMetric, config: Config, *, description: str
) -> cloudwatch.Alarm:
    """An alarm where a metric that should never rest is below 1, or missing, three periods in a row."""
    alarm = cloudwatch.Alarm(
        scope,
        f"{name}_alarm",
        metric=metric,
        alarm_description=description,
        threshold=1,
        evaluation_periods=3,
        comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.BREACHING,
    )
    _tell(alarm, config)
    return alarm


def _tell(alarm: cloudwatch.Alarm, config: Config) -> None:
    if config.alarm_topic_arn:
        topic = sns.Topic.from_topic_arn(alarm, "topic", config.alarm_topic_arn)
        alarm.add_alarm_action(actions.SnsAction(topic))
