"""Alarms that look at several parts of the stack at once; what concerns one part rings in its construct."""

from math import ceil

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra_cdk import ratios
from infra_cdk.config import Config
from infra_cdk.http_api import HttpApi
from infra_cdk.metrics import FIVE_MINUTES, namespace
from infra_cdk.monitoring import ABOVE, alarm_on, alarm_on_math
from infra_cdk.processing import Processing

MINUTE = Duration.minutes(1)
SLOW_PERIODS = 2
MEGABYTE = 1_048_576

# What each says, and where the runbook goes on.
IDLE = (
    "Files wait and nothing works on them: look at the event source mappings of process_file.",
    "nothing-works-on-waiting-files",
)
FAILING = ("Too many jobs fail: look at the failed files by code on the dashboard.", "too-many-jobs-fail")
STORAGE = ("The storage refuses or fails: look at process_file's log for the code.", "the-storage-fails")
SERVER_ERRORS = (
    "Too many requests end in a 5xx: look at the access logs for the route.",
    "requests-end-in-5xx",
)
FRAMES = ("Frames do not reach their watchers: look at publish_progress's log.", "frames-are-lost")
WEBHOOKS = ("Webhooks are not taken: look at the outcomes in deliver_webhook's log.", "a-webhook-fails")
MEMORY = (
    "A function needs nearly all its memory: look at MEMORY_MB, and on the dashboard for which one.",
    "memory-is-tight",
)


class Alarms(Construct):
    """Shares of what failed, waiting work without a worker, slow answers, memory."""

    def __init__(
        self, scope: Construct, name: str, config: Config, processing: Processing, http: HttpApi
    ) -> None:
        super().__init__(scope, name)
        self._config = config
        self._watch_workers(processing)
        self._watch_answers(http)
        self._watch_outcomes()
        self._watch_memory()

    def judges(self) -> list[cloudwatch.IAlarm]:
        """Those that tell of a bad version whichever function it is in: 5xx and failed jobs."""
        found = [self.node.try_find_child(f"{name}_alarm") for name in ("server_errors", "jobs")]
        return [alarm for alarm in found if isinstance(alarm, cloudwatch.Alarm)]

    def _watch_workers(self, processing: Processing) -> None:
        high, normal = (
            lane.metric_approximate_number_of_messages_visible(period=MINUTE, statistic="Maximum")
            for lane in (processing.high, processing.normal)
        )
        runs = processing.process_file.metric_invocations(period=MINUTE)
        idle = cloudwatch.MathExpression(
            expression="IF((FILL(high, 0) + FILL(normal, 0)) > 0 AND FILL(runs, 0) == 0, 1, 0)",
            using_metrics={"high": high, "normal": normal, "runs": runs},
            label="files wait, nothing runs",
            period=MINUTE,
        )
        # A run counts in the minute in which it begins: a long one leaves minutes with none.
        minutes = max(self._config.alarm_idle_minutes, 1 + ceil(self._config.worker_timeout_seconds / 60))
        # And one more, for the newest minute, whose runs may not have been reported yet.
        self._ring("idle", idle, IDLE, above=0, periods=minutes + 1)

    def _watch_answers(self, http: HttpApi) -> None:
        failures, most = ratios.server_errors(http.api), self._config.alarm_server_errors_percent
        self._ring("server_errors", failures, SERVER_ERRORS, most)
        # The API's own latency counts streams too, which are held on purpose: these two answer all the rest.
        for function in (http.initiate_job, http.jobs_api):
            _watch_slowness(function, self._config)

    def _watch_outcomes(self) -> None:
        config = self._config
        jobs, storage = ratios.failed_jobs(config), ratios.storage_errors(config)
        frames, webhooks = ratios.lost_frames(config), ratios.failed_webhooks(config)
        # As in the rules for Prometheus: what lasts for five minutes, or for fifteen, is worth a call.
        self._ring("jobs", jobs, FAILING, config.alarm_failed_jobs_percent, periods=2)
        self._ring("storage", storage, STORAGE, config.alarm_storage_errors_percent, periods=2)
        self._ring("frames", frames, FRAMES, config.alarm_lost_frames_percent, periods=2)
        self._ring("webhooks", webhooks, WEBHOOKS, config.alarm_failed_webhooks_percent, periods=3)

    def _watch_memory(self) -> None:
        schema = f'"{namespace(self._config)}", "function"'
        # One query for all functions: by their dimension, it would be an alarm each.
        query = f'SELECT MAX("lambda_memory_used_bytes") FROM SCHEMA({schema})'  # noqa: S608 # no SQL
        used = cloudwatch.MathExpression(expression=query, label="most memory used", period=FIVE_MINUTES)
        self._ring("memory", used, MEMORY, memory_limit(self._config))

    def _ring(
        self,
        name: str,
        expression: cloudwatch.MathExpression,
        told: tuple[str, str],
        above: int,
        *,
        periods: int = 1,
    ) -> None:
        description, runbook = told
        alarm_on_math(
            self,
            name,
            expression,
            self._config,
            description=description,
            runbook=runbook,
            above=above,
            periods=periods,
        )


def memory_limit(config: Config) -> int:
    """The bytes above which a function is short of memory; all functions have the same."""
    return config.memory_mb * MEGABYTE * config.alarm_memory_percent // 100


def _watch_slowness(function: lambda_.Function, config: Config) -> None:
    slow = f"{function.node.id} is slow one time in a hundred: look at the dashboard's slow requests."
    alarm_on(
        function,
        "slow",
        function.metric_duration(period=FIVE_MINUTES, statistic="p99"),
        config,
        description=slow,
        runbook="requests-are-slow",
        threshold=config.alarm_slow_ms,
        periods=SLOW_PERIODS,
        comparison=ABOVE,
    )
