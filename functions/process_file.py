"""SQS records -> results: prepares the files of a batch of messages."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from downloads import faults, wiring
from downloads.contracts.messages import FileMessage
from downloads.file import Delivery, FileTask
from downloads.settings import ProcessSettings
from downloads.telemetry import bind, logger, report
from downloads.usecases.process import Workshop, process, reject


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the messages to keep; see "Reporting batch item failures" in Lambda's guide."""
    bind(context)
    config = wiring.settings(ProcessSettings)
    shop = Workshop(
        wiring.jobs(config, config.file_ttl_seconds),
        wiring.objects(config),
        wiring.queue(config, report),
        config.max_attempts,
        report,
    )
    tasks, unreadable = _read(SQSEvent(event).records, config)
    _tell(tasks)
    kept = process(tasks, shop, datetime.now(UTC)) + reject(unreadable, shop.queue)
    logger().info("batch processed", extra={"messages": len(tasks) + len(unreadable), "kept": len(kept)})
    return {"batchItemFailures": [{"itemIdentifier": delivery.message_id} for delivery in kept]}


def _tell(tasks: list[FileTask]) -> None:
    """What a fault is about, as far as it can be said of a batch: one lane, and most often one job."""
    job_ids = {task.job_id for task in tasks}
    lane = tasks[0].delivery.lane if tasks else None
    job_id = job_ids.pop() if len(job_ids) == 1 else None
    file_id = tasks[0].file_id if len(tasks) == 1 else None
    faults.about(faults.Run(job_id=job_id, file_id=file_id, lane=lane, file_count=len(tasks)))


def _read(records: Iterable[SQSRecord], config: ProcessSettings) -> tuple[list[FileTask], list[Delivery]]:
    """What to do, and the messages that say nothing: those end in the dead-letter queue."""
    tasks, unreadable = [], []
    for record in records:
        delivery = _delivery(record, config)
        try:
            message = FileMessage.model_validate_json(record.body)
        except ValidationError as error:
            why = error.errors(include_input=False, include_url=False)
            logger().error("unreadable message", extra={"messageId": record.message_id, "why": why})
            unreadable.append(delivery)
        else:
            tasks.append(FileTask(str(message.jobId), message.fileId, message.round, delivery))
    return tasks, unreadable


def _delivery(record: SQSRecord, config: ProcessSettings) -> Delivery:
    queue_name = record.event_source_arn.rsplit(":", 1)[-1]
    return Delivery(
        lane=next(lane for lane, url in config.lanes.items() if url.endswith(f"/{queue_name}")),
        message_id=record.message_id,
        receipt=record.receipt_handle,
        attempt=int(record.attributes.approximate_receive_count),
    )
