"""SQS records -> files sent again: S3 tells, through EventBridge, that archived files are restored."""

from typing import Any

from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from downloads import metrics, wiring
from downloads.aws.s3 import file_of
from downloads.contracts.messages import RestoreMessage
from downloads.errors import StateUnavailableError
from downloads.run import run
from downloads.settings import FinishSettings
from downloads.telemetry import about, logger, meter, report
from downloads.usecases.restore import finish


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the events to come again: all of a batch, for to send a file twice changes nothing."""
    config = wiring.settings(FinishSettings)
    records = list(SQSEvent(event).records)
    file_ids = [found for record in records if (found := _file_id(record.body, config)) is not None]
    meter().add(metrics.RESTORED, len(file_ids))
    try:
        sent = finish(file_ids, wiring.jobs(config), wiring.queue(config, report))
    except StateUnavailableError as error:
        logger().warning("restores stay untold", extra={"files": len(file_ids), "why": str(error)})
        return {"batchItemFailures": [{"itemIdentifier": record.message_id} for record in records]}
    for job_id, files in sent.items():
        logger().info("restored", extra=about(job_id, files=files))
    return {"batchItemFailures": []}


def _file_id(body: str, config: FinishSettings) -> int | None:
    """None for what is no event of ours: whoever waits for such a file finds it restored at the next look."""
    try:
        key = RestoreMessage.model_validate_json(body).detail.object.key
    except ValidationError as error:
        why = error.errors(include_input=False, include_url=False)
        logger().warning("unreadable event", extra={"why": why})
        return None
    return file_of(key, config.key_template)
