"""Dead letters -> failed files: marks them, then parks the messages for a redrive."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import wiring
from downloads.aws.origins import origin_of
from downloads.bodies import readable
from downloads.contracts.messages import FileMessage
from downloads.records import SqsRecord, sqs_records
from downloads.run import run
from downloads.settings import BurySettings
from downloads.telemetry import know, logger
from downloads.usecases.bury import Letter, bury


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the dead letters to come again: those that could not be marked or parked."""
    config = wiring.settings(BurySettings)
    records = {record.message_id: record for record in sqs_records(event)}
    letters = [letter for record in records.values() if (letter := _letter(record))]
    again = bury(letters, wiring.recording_jobs(config, config.file_ttl_seconds), datetime.now(UTC))
    buried = {message_id: record.body for message_id, record in records.items() if message_id not in again}
    again |= set(wiring.parking(config).park(buried))
    if records:
        logger().error(
            "dead letters",
            extra={"letters": len(records), "poison": len(records) - len(letters), "again": len(again)},
        )
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in sorted(again)]}


def _letter(record: SqsRecord) -> Letter | None:
    """None for a poison message: it names no file, and is parked as it is."""
    message = readable(record.body, FileMessage, "poison message", messageId=record.message_id)
    if message is None:
        return None
    know(str(message.jobId), origin_of(record.raw))
    return Letter(record.message_id, str(message.jobId), message.fileId, message.round)
