"""Progress: the consumer of the table's stream, which settles jobs and tells connections what changed."""

import json

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from infra_cdk import mappings
from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.monitoring import alarm_on
from infra_cdk.nag import acknowledge
from infra_cdk.queues import dead_letter_queue
from infra_cdk.storage import RECORD, Storage
from infra_cdk.websocket_api import WebSocketApi

TIMEOUT_SECONDS = 30

LATE = "Watchers are told late: look at the errors, duration and throttles of publish_progress."


class Progress(Construct):
    """publish_progress on the stream; what it cannot handle in 5 retries or an hour goes to `failures`."""

    def __init__(
        self, scope: Construct, name: str, shared: Shared, storage: Storage, websocket: WebSocketApi
    ) -> None:
        super().__init__(scope, name)
        self.failures = dead_letter_queue(self, "failures", shared.config, runbook="watchers-are-told-late")
        reason = (
            "It is the on-failure destination of the stream mapping, which itself gave up after its retries."
        )
        acknowledge(self.failures, "AwsSolutions-SQS3", reason)
        self.publish_progress = self._consumer(shared, storage, websocket)
        self.publish_progress.add_event_source(self._stream(shared.config, storage))
        age = self.publish_progress.metric("IteratorAge", period=Duration.minutes(5), statistic="Maximum")
        alarm_on(
            self,
            "age",
            age,
            shared.config,
            description=LATE,
            runbook="watchers-are-told-late",
            threshold=shared.config.alarm_late_ms,
        )
        reason = (
            "dynamodb:ListStreams knows no resource; reading the stream itself is limited to this table's."
        )
        acknowledge(self.publish_progress.execution_role, "AwsSolutions-IAM5[Resource::*]", reason)

    def _consumer(self, shared: Shared, storage: Storage, websocket: WebSocketApi) -> ServiceFunction:
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "CONNECTION_TTL_SECONDS": str(shared.config.connection_ttl_seconds),
            "WEBSOCKET_ENDPOINT": websocket.management_endpoint,
        }
        consumer = ServiceFunction(
            self, "publish_progress", shared, timeout_seconds=TIMEOUT_SECONDS, variables=variables
        )
        # DeleteItem forgets watchers who are gone.
        storage.grant(consumer, *RECORD, "dynamodb:DeleteItem")
        websocket.grant_connections(consumer, "POST")
        return consumer

    def _stream(self, config: Config, storage: Storage) -> sources.DynamoEventSource:
        # The mapping's own defaults retry for ever and let one bad record stall its shard for a day.
        return sources.DynamoEventSource(
            storage.table,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=mappings.STREAM_BATCH,
            parallelization_factor=config.stream_parallelization,
            max_batching_window=Duration.seconds(mappings.STREAM_WINDOW_SECONDS),
            report_batch_item_failures=True,
            bisect_batch_on_error=True,
            retry_attempts=5,
            max_record_age=Duration.hours(1),
            on_failure=sources.SqsDlq(self.failures),
            filters=[{"pattern": json.dumps(pattern)} for pattern in mappings.STREAM_FILTERS],
        )
