"""SQS records -> results: prepares the files of a batch of messages."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import faults, metrics, wiring
from downloads.aws.origins import delay_of, origin_of
from downloads.bodies import readable
from downloads.contracts.messages import FileMessage
from downloads.file import Delivery, FailedFile, FileTask
from downloads.records import SqsRecord, sqs_records
from downloads.run import run
from downloads.settings import ProcessSettings
from downloads.spans import Spans
from downloads.telemetry import about, know, logger, meter, report, spans
from downloads.trace import Origin
from downloads.usecases.attempt import Outcome, Workshop
from downloads.usecases.process import process, reject


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the messages to keep; see "Reporting batch item failures" in Lambda's guide."""
    config = wiring.settings(ProcessSettings)
    shop = Workshop(
        wiring.recording_jobs(config, config.file_ttl_seconds),
        wiring.objects(config),
        wiring.queue(config, report),
        config.max_attempts,
        report,
        _note,
        spans(),
        config.restores,
    )
    tasks, unreadable = _read(sqs_records(event), config, shop.spans)
    _tell(tasks)
    kept = process(tasks, shop, datetime.now(UTC)) + reject(unreadable, shop.queue)
    logger().info("batch processed", extra={"messages": len(tasks) + len(unreadable), "kept": len(kept)})
    return {"batchItemFailures": [{"itemIdentifier": delivery.message_id} for delivery in kept]}


def _tell(tasks: list[FileTask]) -> None:
    """What a fault is about, as far as it can be said of a batch: one lane, and most often one job."""
    if not tasks:
        return
    first, one = tasks[0], len({task.job_id for task in tasks}) == 1
    faults.about(
        faults.Run(
            job_id=first.job_id if one else None,
            origin=first.origin if one else None,
            file_id=first.file_id if len(tasks) == 1 else None,
            lane=first.delivery.lane,
            file_count=len(tasks),
        )
    )


def _read(
    records: Iterable[SqsRecord], config: ProcessSettings, spans: Spans
) -> tuple[list[FileTask], list[Delivery]]:
    """What to do, and the messages that say nothing: those end in the dead-letter queue."""
    tasks, unreadable = [], []
    for record in records:
        delivery = _delivery(record, config)
        message = readable(record.body, FileMessage, "unreadable message", messageId=record.message_id)
        if message is None:
            unreadable.append(delivery)
        else:
            origin = origin_of(record.raw)
            know(str(message.jobId), origin)
            _tell_of_wait(record, delivery, origin, spans)
            tasks.append(FileTask(str(message.jobId), message.fileId, message.round, delivery, origin))
    return tasks, unreadable


def _delivery(record: SqsRecord, config: ProcessSettings) -> Delivery:
    return Delivery(
        lane=next(lane for lane, url in config.lanes.items() if url.endswith(f"/{record.queue}")),
        message_id=record.message_id,
        receipt=record.receipt_handle,
        attempt=record.attempt,
    )


def _tell_of_wait(record: SqsRecord, delivery: Delivery, origin: Origin | None, spans: Spans) -> None:
    meter().add(metrics.RECEIVED_AT, record.sent_s, lane=delivery.lane.value)
    delay_s = delay_of(record.raw)
    if origin and delay_s and delivery.attempt == 1:
        sent_at = datetime.fromtimestamp(record.sent_s, UTC)
        held_until = sent_at + timedelta(seconds=delay_s)
        spans.past("download_delay", sent_at, held_until, {"seconds": delay_s}, parent=origin.trace)


def _note(outcome: Outcome) -> None:
    """One line an attempt: what is ready is told at DEBUG, for a job may have a thousand files."""
    task, result, asked = outcome.task, outcome.result, outcome.restore
    told = about(task.job_id, fileId=task.file_id, attempt=task.delivery.attempt)
    if asked:
        told |= {"tier": asked.tier, "restore": asked.asked}
        meter().add(metrics.RESTORES, tier=asked.tier.value, outcome=asked.asked.value)
    if outcome.waits:
        # A look in vain, of which there are many, asks for nothing.
        tell = logger().info if asked else logger().debug
        tell("file", extra={**told, "outcome": "restoring", "readyAt": outcome.waits.ready_at})
    elif outcome.called_off:
        logger().debug("file", extra={**told, "outcome": "called_off"})
    elif result is None:
        logger().info("file", extra={**told, "outcome": "again", "code": outcome.reason})
    elif isinstance(result, FailedFile):
        fate = "given_up" if outcome.gave_up else "failed"
        logger().info("file", extra={**told, "outcome": fate, "code": result.error_code})
    else:
        logger().debug("file", extra={**told, "outcome": "ready"})
