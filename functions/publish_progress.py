"""DynamoDB stream records -> WebSocket frames, one set a job and batch."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.exceptions import BotoCoreError, ClientError

from downloads import wiring
from downloads.aws.stream import by_job
from downloads.settings import PublishSettings
from downloads.telemetry import bind, logger
from downloads.usecases.publish import Audience, publish


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the first record to read again: DynamoDB's stream goes on from the lowest one."""
    bind(context)
    audience = _audience(wiring.settings(PublishSettings))
    for job_id, records in by_job(event["Records"]).items():
        try:
            reached = publish(job_id, records.changes, audience)
        except (ClientError, BotoCoreError):
            logger().exception("could not publish", extra={"jobId": job_id})
            return {"batchItemFailures": [{"itemIdentifier": records.first}]}
        logger().debug("published", extra={"jobId": job_id, "watchers": reached})
    return {"batchItemFailures": []}


def _audience(config: PublishSettings) -> Audience:
    return Audience(
        wiring.jobs(config),
        wiring.watchers(config),
        wiring.connections(config.websocket_endpoint),
        lambda connection_id, fault: logger().warning(
            "frame not sent", extra={"connectionId": connection_id}, exc_info=fault
        ),
    )
