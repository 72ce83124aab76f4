"""SQS records -> files sent again: S3 tells, through EventBridge, that archived files are restored."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import metrics, wiring
from downloads.aws.s3 import file_of
from downloads.bodies import readable
from downloads.contracts.messages import RestoreMessage
from downloads.errors import StateUnavailableError
from downloads.records import sqs_records
from downloads.run import run
from downloads.settings import FinishSettings
from downloads.telemetry import about, logger, meter, report
from downloads.time_left import time_left
from downloads.usecases.restore import finish


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the events to come again: those that not every job could be told of."""
    config, enough = wiring.settings(FinishSettings), time_left(context)
    again = [
        record.message_id
        for record in sqs_records(event)
        if (file_id := _file_id(record.body, config)) is not None and not _tell(file_id, config, enough)
    ]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def _tell(file_id: int, config: FinishSettings, enough: Callable[[], bool]) -> bool:
    """Whether all who wait were told."""
    try:
        sent = finish(file_id, wiring.jobs(config), wiring.queue(config, report), enough, report)
    except StateUnavailableError as error:
        logger().warning("restore stays untold", extra={"fileId": file_id, "why": str(error)})
        return False
    meter().add(metrics.RESTORED)
    for job_id in sent:
        logger().info("restored", extra=about(job_id, fileId=file_id))
    return True


def _file_id(body: str, config: FinishSettings) -> int | None:
    """None for what is no event of ours: whoever waits for such a file finds it restored at the next look."""
    event = readable(body, RestoreMessage, "unreadable event")
    return None if event is None else file_of(event.detail.object.key, config.key_template)
