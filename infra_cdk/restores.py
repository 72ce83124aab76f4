"""Restores: S3 tells of each that has ended, and finish_restores sends the files that waited for it."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk import mappings
from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.processing import Processing
from infra_cdk.queues import dead_letter_queue, service_queue
from infra_cdk.storage import Storage

TIMEOUT_SECONDS = 30
MOST_RECEIVES = 5


class Restores(Construct):
    """The rule for the bucket's events, a queue behind it, finish_restores; what is lost lies in `untold`.

    A bucket of BUCKET_NAME sends events to EventBridge only once its owner turns that on, and another S3
    server never does: there the sweeper's recheck ends the wait.
    """

    def __init__(
        self, scope: Construct, name: str, shared: Shared, storage: Storage, processing: Processing
    ) -> None:
        super().__init__(scope, name)
        self.untold = dead_letter_queue(self, "untold", shared.config, runbook="a-restore-is-not-told")
        self.queue = service_queue(
            self,
            "restored",
            visibility=Duration.seconds(6 * TIMEOUT_SECONDS),
            dead_letters=sqs.DeadLetterQueue(queue=self.untold, max_receive_count=MOST_RECEIVES),
        )
        _tell_events(storage.bucket)
        self._rule(shared.config, storage)
        self.finish_restores = self._worker(shared, storage, processing)

    def _rule(self, config: Config, storage: Storage) -> events.Rule:
        pattern = events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Restore Completed"],
            detail={
                "bucket": {"name": [storage.bucket.bucket_name]},
                "object": {"key": [{"prefix": config.key_prefix}]},
            },
        )
        target = targets.SqsQueue(self.queue, dead_letter_queue=self.untold)
        return events.Rule(self, "restore_completed", event_pattern=pattern, targets=[target])

    def _worker(self, shared: Shared, storage: Storage, processing: Processing) -> ServiceFunction:
        config = shared.config
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "HIGH_QUEUE_URL": processing.high.queue_url,
            "NORMAL_QUEUE_URL": processing.normal.queue_url,
            "KEY_TEMPLATE": config.key_template,
        }
        worker = ServiceFunction(
            self, "finish_restores", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        storage.grant(worker, "dynamodb:GetItem", "dynamodb:Query", "dynamodb:DeleteItem")
        for lane in (processing.high, processing.normal):
            lane.grant(worker, "sqs:SendMessage")
        source = sources.SqsEventSource(
            self.queue,
            batch_size=mappings.RESTORE_BATCH,
            max_concurrency=mappings.AT_ONCE,
            report_batch_item_failures=True,
        )
        worker.add_event_source(source)
        return worker


def _tell_events(bucket: s3.IBucket) -> None:
    """Have the stack's own bucket send its events to EventBridge.

    On the resource itself: the CDK's own way brings a function that may write every bucket's notifications.
    """
    made = bucket.node.default_child
    if isinstance(made, s3.CfnBucket):
        made.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )
