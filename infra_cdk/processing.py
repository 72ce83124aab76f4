"""Processing: two lanes of files to prepare, and the function that prepares them under a limit."""

from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk import environment, mappings, scaling_steps
from infra_cdk.config import Config
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.monitoring import ABOVE, alarm_on
from infra_cdk.queues import consumed_dead_letter_queue, service_queue
from infra_cdk.scaling import Scaling
from infra_cdk.storage import RECORD, Storage

VISIBILITY_FACTOR = 6
"""Lambda's guide asks for a visibility timeout of six function timeouts, for retries of a throttled call."""

OLD = "Files wait too long: look at MAX_CONCURRENCY, and at process_file's throttles and errors."
MANY = "Many files wait: look at MAX_CONCURRENCY, and at process_file's throttles and errors."


class Processing(Construct):
    """Queues `high` and `normal`, each with a share of MAX_CONCURRENCY, a dead-letter queue, process_file."""

    def __init__(self, scope: Construct, name: str, shared: Shared, storage: Storage) -> None:
        super().__init__(scope, name)
        config = shared.config
        self.dead_letters = consumed_dead_letter_queue(
            self, "dead_letters", Duration.seconds(VISIBILITY_FACTOR * config.worker_timeout_seconds)
        )
        self.high = self._lane("high", config)
        self.normal = self._lane("normal", config)
        self.process_file = self._worker(shared, storage)
        self._feed(self.high, max_concurrency=config.high_concurrency)
        normal = self._feed(self.normal, **_scaled(config))
        if steps := scaling_steps.steps(config):
            Scaling(self, "scaling", config, normal.event_source_mapping_id, steps)
        for lane in (self.high, self.normal):
            _watch(lane, config)

    def _lane(self, name: str, config: Config) -> sqs.Queue:
        return service_queue(
            self,
            name,
            visibility=Duration.seconds(VISIBILITY_FACTOR * config.worker_timeout_seconds),
            dead_letters=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=config.max_attempts),
        )

    def _worker(self, shared: Shared, storage: Storage) -> ServiceFunction:
        config = shared.config
        variables = {
            "TABLE_NAME": storage.table.table_name,
            "HIGH_QUEUE_URL": self.high.queue_url,
            "NORMAL_QUEUE_URL": self.normal.queue_url,
            "MAX_ATTEMPTS": str(config.max_attempts),
            **environment.objects(config, storage.bucket.bucket_name),
            **environment.restores(config),
        }
        timeout = config.worker_timeout_seconds
        worker = ServiceFunction(self, "process_file", shared, timeout_seconds=timeout, variables=variables)
        storage.grant(worker, *RECORD)
        storage.grant_read_files(worker)
        storage.grant_restore_files(worker)
        return worker

    def _feed(self, lane: sqs.Queue, **limit: Any) -> sources.SqsEventSource:
        # Reserved concurrency would throttle, and so send good messages to the dead-letter queue.
        source = sources.SqsEventSource(
            lane, batch_size=mappings.LANE_BATCH, report_batch_item_failures=True, **limit
        )
        self.process_file.add_event_source(source)
        return source


def _scaled(config: Config) -> dict[str, Any]:
    """Provisioned mode where NORMAL_POLLERS asks for it: Lambda takes that or a maximum concurrency."""
    pollers = scaling_steps.pollers(config)
    if pollers is None:
        return {"max_concurrency": config.normal_concurrency}
    provisioned = lambda_.ProvisionedPollerConfig(minimum_pollers=pollers.least, maximum_pollers=pollers.most)
    return {"provisioned_poller_config": provisioned}


def _watch(lane: sqs.Queue, config: Config) -> None:
    age = lane.metric_approximate_age_of_oldest_message(period=Duration.minutes(5))
    old = config.alarm_old_seconds
    alarm_on(lane, "age", age, config, description=OLD, runbook="files-wait", threshold=old)
    # Delayed messages are not visible: what is simulated or waits for its retry is no backlog.
    waiting = lane.metric_approximate_number_of_messages_visible(
        period=Duration.minutes(1), statistic="Maximum"
    )
    alarm_on(
        lane,
        "backlog",
        waiting,
        config,
        description=MANY,
        runbook="files-wait",
        threshold=config.alarm_backlog_messages,
        periods=config.alarm_backlog_minutes,
        comparison=ABOVE,
    )
