"""A function that runs every minute, and is missed when it does not."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction
from infra_cdk.monitoring import alarm_on_silence
from infra_cdk.queues import end_of_the_line

TIMEOUT_SECONDS = 55
"""Just under the minute, so that two runs hardly ever meet."""

MISSED = "It is the dead-letter queue of the schedule's rule, which SQS itself cannot know."


def run_every_minute(
    scope: Construct, function: ServiceFunction, config: Config, *, missed: str, silent: str
) -> sqs.Queue:
    """Call a function by the clock; the returned queue, named by `missed`, keeps runs that failed.

    `silent` is the alarm's one line for when it has not run for 15 minutes.
    """
    queue = end_of_the_line(scope, missed, config, MISSED, runbook="a-run-is-missing")
    # EventBridge only hands over: a run that fails is Lambda's to keep. The next minute tries again.
    function.live.configure_async_invoke(
        on_failure=destinations.SqsDestination(queue),
        retry_attempts=0,
        max_event_age=Duration.minutes(5),
    )
    call = targets.LambdaFunction(
        function.live, dead_letter_queue=queue, retry_attempts=2, max_event_age=Duration.minutes(5)
    )
    runs = function.metric_invocations(period=Duration.minutes(5))
    alarm_on_silence(function, "silence", runs, config, description=silent, runbook="a-run-is-missing")
    events.Rule(scope, "every_minute", schedule=events.Schedule.rate(Duration.minutes(1)), targets=[call])
    return queue
