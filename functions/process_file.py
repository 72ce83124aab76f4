"""SQS records -> results: prepares the files of a batch of messages."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from downloads import wiring
from downloads.contracts.messages import FileMessage
from downloads.file import FileTask, Priority
from downloads.settings import ProcessSettings
from downloads.telemetry import bind, logger
from downloads.usecases.process import Workshop, process


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the messages to keep; see "Reporting batch item failures" in Lambda's guide."""
    bind(context)
    config = wiring.settings(ProcessSettings)
    parsed = [(record, _task(record, config)) for record in SQSEvent(event).records]
    shop = Workshop(
        wiring.jobs(config, config.file_ttl_seconds),
        wiring.objects(config),
        wiring.queue(config),
        config.max_attempts,
    )
    kept = process([task for _, task in parsed if task], shop, datetime.now(UTC))
    unreadable = [record.message_id for record, task in parsed if task is None]
    failures = [*unreadable, *(task.message_id for task in kept)]
    logger().info("batch processed", extra={"messages": len(parsed), "kept": len(failures)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failures]}


def _task(record: SQSRecord, config: ProcessSettings) -> FileTask | None:
    try:
        message = FileMessage.model_validate_json(record.body)
    except ValidationError as error:
        logger().error("unreadable message", extra={"messageId": record.message_id, "problem": str(error)})
        return None
    return FileTask(
        job_id=str(message.jobId),
        file_id=message.fileId,
        attempt=int(record.attributes.approximate_receive_count),
        message_id=record.message_id,
        receipt=record.receipt_handle,
        lane=_lane(record, config),
    )


def _lane(record: SQSRecord, config: ProcessSettings) -> Priority:
    queue_name = record.event_source_arn.rsplit(":", 1)[-1]
    return next(lane for lane, url in config.lanes.items() if url.endswith(f"/{queue_name}"))
