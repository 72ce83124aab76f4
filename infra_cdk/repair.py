"""Repair: dead letters are marked and parked, stuck jobs are swept every minute, operators can redrive."""

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra_cdk import environment, mappings
from infra_cdk.function import ServiceFunction, Shared
from infra_cdk.monitoring import alarm_on
from infra_cdk.processing import Processing
from infra_cdk.queues import end_of_the_line
from infra_cdk.schedule import TIMEOUT_SECONDS, run_every_minute
from infra_cdk.storage import OPEN_JOBS, RECORD, Storage

UNBURIED = "Dead letters are neither marked nor parked: look at the log of bury_file."

PARKED = "Dead letters wait here for an operator's redrive: nothing consumes this queue by itself."
SILENT = "The sweeper has not run for 15 minutes: look at the rule that calls it every minute."


class Repair(Construct):
    """bury_file behind the dead-letter queue, the parked queue, redrive_files, sweep_jobs on a schedule."""

    def __init__(
        self, scope: Construct, name: str, shared: Shared, storage: Storage, processing: Processing
    ) -> None:
        super().__init__(scope, name)
        self._shared = shared
        self._storage = storage
        self._lanes = (processing.high, processing.normal)
        self.parked = end_of_the_line(self, "parked", shared.config, PARKED, runbook="letters-in-parked")
        self.bury_file = self._bury_file(processing.dead_letters)
        self.redrive_files = self._redrive_files()
        self.sweep_jobs = self._sweep_jobs()

    def _bury_file(self, dead_letters: sqs.Queue) -> ServiceFunction:
        config = self._shared.config
        variables = {
            "TABLE_NAME": self._storage.table.table_name,
            "PARKED_QUEUE_URL": self.parked.queue_url,
            "FILE_TTL_SECONDS": str(config.file_ttl_seconds),
        }
        function = self._function("bury_file", config.worker_timeout_seconds, variables)
        self._storage.grant(function, *RECORD)
        self.parked.grant(function, "sqs:SendMessage")
        age = dead_letters.metric_approximate_age_of_oldest_message(period=Duration.minutes(5))
        alarm_on(
            dead_letters,
            "age",
            age,
            config,
            description=UNBURIED,
            runbook="dead-letters-stay",
            threshold=config.alarm_unburied_seconds,
        )
        source = sources.SqsEventSource(
            dead_letters,
            batch_size=mappings.LETTER_BATCH,
            max_concurrency=mappings.AT_ONCE,
            report_batch_item_failures=True,
        )
        function.add_event_source(source)
        return function

    def _redrive_files(self) -> ServiceFunction:
        variables = {**self._sending(), "PARKED_QUEUE_URL": self.parked.queue_url}
        function = self._function("redrive_files", TIMEOUT_SECONDS, variables)
        # Of a job with files that are withheld from its owner, these fail again at once.
        self._storage.grant(function, *RECORD)
        self.parked.grant(function, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
        self._let_send(function)
        return function

    def _sweep_jobs(self) -> ServiceFunction:
        config = self._shared.config
        variables = {
            **self._sending(),
            "RESTORE_RECHECK_SECONDS": str(config.restore_recheck_seconds),
        }
        function = self._function("sweep_jobs", TIMEOUT_SECONDS, variables)
        self._storage.grant(function, *RECORD)
        self._storage.grant_index(function, OPEN_JOBS)
        self._let_send(function, "sqs:GetQueueAttributes")
        self.missed_sweeps = run_every_minute(self, function, config, missed="missed_sweeps", silent=SILENT)
        return function

    def _sending(self) -> environment.Variables:
        high, normal = self._lanes
        return {
            "TABLE_NAME": self._storage.table.table_name,
            "HIGH_QUEUE_URL": high.queue_url,
            "NORMAL_QUEUE_URL": normal.queue_url,
            **environment.schedule(self._shared.config),
        }

    def _let_send(self, function: ServiceFunction, *more: str) -> None:
        for lane in self._lanes:
            lane.grant(function, "sqs:SendMessage", *more)

    def _function(self, name: str, timeout: int, variables: environment.Variables) -> ServiceFunction:
        return ServiceFunction(self, name, self._shared, timeout_seconds=timeout, variables=variables)
