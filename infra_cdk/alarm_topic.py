"""Whom alarms tell: a topic of the stack's own, or ALARM_TOPIC_ARN."""

from aws_cdk import ArnFormat, Aws, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra_cdk.config import Config

CLOUDWATCH = "cloudwatch.amazonaws.com"


def tell_of_alarms(scope: Construct, name: str, config: Config) -> sns.ITopic:
    """Send every alarm that the stack of `scope` holds by now, and its end, to one topic; returns it."""
    topic = _topic(scope, name, config)
    action = actions.SnsAction(topic)
    for alarm in alarms_of(Stack.of(scope)):
        alarm.add_alarm_action(action)
        alarm.add_ok_action(action)
    return topic


def alarms_of(stack: Stack) -> list[cloudwatch.Alarm]:
    """All alarms of the stack, in the order in which they were made."""
    return [each for each in stack.node.find_all() if isinstance(each, cloudwatch.Alarm)]


def by_our_alarms(stack: Stack) -> dict[str, dict[str, str]]:
    """The condition of a policy under which CloudWatch acts for this stack's alarms, and for no others."""
    alarms = stack.format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name=f"{stack.stack_name}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return {"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": alarms}}


def _topic(scope: Construct, name: str, config: Config) -> sns.ITopic:
    if config.alarm_topic_arn:
        return sns.Topic.from_topic_arn(scope, name, config.alarm_topic_arn)
    # No key but ours (CUSTOMER_KEY): with alias/aws/sns, AWS's own, CloudWatch could publish nothing.
    topic = sns.Topic(scope, name, enforce_ssl=True, display_name=f"downloads-{config.stage}")
    # A policy of its own takes a topic the default one, by which the account's alarms could publish.
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="Alarms",
            principals=[iam.ServicePrincipal(CLOUDWATCH)],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions=by_our_alarms(Stack.of(scope)),
        )
    )
    if config.alarm_email:
        topic.add_subscription(subscriptions.EmailSubscription(config.alarm_email))
    return topic
