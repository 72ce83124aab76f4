"""Queues: encrypted, TLS only; a dead-letter queue raises an alarm with its first message."""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.monitoring import alarm_on
from infra_cdk.nag import acknowledge

LONGEST_RETENTION = Duration.days(14)


def service_queue(
    scope: Construct, name: str, *, visibility: Duration, dead_letters: sqs.DeadLetterQueue
) -> sqs.Queue:
    """A queue whose messages go to `dead_letters` after their last attempt; kept 14 days, SQS's most."""
    return _queue(scope, name, visibility_timeout=visibility, dead_letter_queue=dead_letters)


def consumed_dead_letter_queue(scope: Construct, name: str, visibility: Duration) -> sqs.Queue:
    """A queue for what used up its attempts, with a function behind it: it empties by itself."""
    return _queue(scope, name, visibility_timeout=visibility)


def dead_letter_queue(scope: Construct, name: str, config: Config, *, runbook: str) -> sqs.Queue:
    """A queue for what nobody could handle, kept 14 days; `runbook` is the heading that says what to do."""
    queue = _queue(scope, name)
    waiting = queue.metric_approximate_number_of_messages_visible(
        period=Duration.minutes(5), statistic="Maximum"
    )
    description = f"{name} holds what nobody could handle: read its messages, and the logs of their function."
    alarm_on(queue, "not_empty", waiting, config, description=description, runbook=runbook)
    return queue


def end_of_the_line(scope: Construct, name: str, config: Config, reason: str, *, runbook: str) -> sqs.Queue:
    """A dead-letter queue of what is no queue itself; `reason` says of what."""
    queue = dead_letter_queue(scope, name, config, runbook=runbook)
    acknowledge(queue, "AwsSolutions-SQS3", reason)
    return queue


def _queue(scope: Construct, name: str, **more: Any) -> sqs.Queue:
    return sqs.Queue(
        scope,
        name,
        retention_period=LONGEST_RETENTION,
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        **more,
    )
