"""SQS records -> one archive of a job's files, part by part, over as many runs as it takes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import metrics, wiring
from downloads.aws.origins import origin_of
from downloads.bodies import readable
from downloads.bundle_queue_ports import BundleTask
from downloads.contracts.messages import BundleMessage
from downloads.errors import BundleUnsentError, StateUnavailableError
from downloads.records import SqsRecord, sqs_records
from downloads.run import run
from downloads.settings import BundlerSettings
from downloads.spans import Attributes
from downloads.telemetry import about, know, know_job, logger, meter, report, spans
from downloads.time_left import time_left
from downloads.trace import trace_of
from downloads.usecases.backoff import backoff_s
from downloads.usecases.bindery import Bindery
from downloads.usecases.bundle import Bundled, bundle

# What is left for a checkpoint and a message, when a part takes longer than it should.
ENOUGH_MS = 30_000


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the messages to keep; see "Reporting batch item failures" in Lambda's guide."""
    config = wiring.settings(BundlerSettings)
    kept = [record.message_id for record in sqs_records(event) if _keep(record, config, context)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in kept]}


def _keep(record: SqsRecord, config: BundlerSettings, context: LambdaContext) -> bool:
    task = _task(record)
    if task is None:
        # SQS's own count moves it on to the dead letters.
        wiring.bundles(config).hide(record.receipt_handle, 0)
        return True
    know(task.job_id, task.origin)
    attempt = record.attempt
    told: Attributes = {"job.id": task.job_id, "job.round": task.round}
    with spans().span("bundle", told, trace_of(task.origin)) as span:
        outcome = _outcome(task, config, context, last_try=attempt >= config.max_attempts)
        span.note({"bundle.outcome": outcome.value})
    meter().add(metrics.BUNDLES, outcome=outcome.value)
    logger().info("bundle", extra=about(task.job_id, outcome=outcome, round=task.round))
    if outcome is Bundled.AGAIN:
        wiring.bundles(config).hide(record.receipt_handle, backoff_s(attempt))
    return outcome is Bundled.AGAIN


def _outcome(task: BundleTask, config: BundlerSettings, context: LambdaContext, *, last_try: bool) -> Bundled:
    """Raising would hide the message for as long as six runs may take."""
    try:
        return _bundle(task, config, context, last_try)
    except (StateUnavailableError, BundleUnsentError) as fault:
        report(task.job_id, fault)
        return Bundled.AGAIN


def _bundle(task: BundleTask, config: BundlerSettings, context: LambdaContext, last_try: bool) -> Bundled:
    with ThreadPoolExecutor(max_workers=1) as pool:
        shop = Bindery(
            wiring.jobs(config),
            wiring.objects(config),
            wiring.files(config),
            wiring.archives(config),
            wiring.checkpoints(config),
            wiring.bundles(config),
            config.sizes,
            str(uuid4()),
            clock=lambda: datetime.now(UTC),
            time_left=time_left(context, ENOUGH_MS),
            pool=pool,
            on_fault=report,
            on_job=know_job,
            on_part=lambda size: meter().add(metrics.BUNDLE_BYTES, size),
        )
        return bundle(task, shop, last_try=last_try)


def _task(record: SqsRecord) -> BundleTask | None:
    message = readable(
        record.body, BundleMessage, "unreadable message", grave=True, messageId=record.message_id
    )
    if message is None:
        return None
    return BundleTask(str(message.jobId), message.round, origin_of(record.raw))
