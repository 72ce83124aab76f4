"""SQS records -> signed POSTs to callback URLs, one attempt a delivery."""

import random
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.data_classes import SQSEvent
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import ValidationError

from downloads import wiring
from downloads.aws.notices import SqsNotices
from downloads.contracts.messages import NoticeMessage
from downloads.notice import Notice, Outcome
from downloads.settings import DeliverSettings
from downloads.telemetry import bind, logger
from downloads.usecases.deliver import Mailroom, deliver

TO_COME_AGAIN = {Outcome.STARTED, Outcome.FAILED}


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the notices to be tried again, hidden until then.

    A fault of our own (the table, the secret, the dead letters) is raised, so that it rings.
    """
    bind(context)
    config = wiring.settings(DeliverSettings)
    notices = wiring.outgoing_notices(config)
    room = Mailroom(
        wiring.deliveries(config, config.file_ttl_seconds),
        notices,
        wiring.callback(config),
        wiring.keys(config),
        clock=lambda: datetime.now(UTC),
        chance=random.random,
    )
    kept = [record.message_id for record in SQSEvent(event).records if _keep(record, notices, room)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in kept]}


def _keep(record: SQSRecord, notices: SqsNotices, room: Mailroom) -> bool:
    notice = _notice(record)
    if notice is None:
        notices.reject(record.body)
        return False
    outcome = deliver(notice, record.receipt_handle, room)
    logger().info(
        "webhook", extra={"jobId": notice.job_id, "webhookId": notice.webhook_id, "outcome": outcome}
    )
    return outcome in TO_COME_AGAIN


def _notice(record: SQSRecord) -> Notice | None:
    try:
        return NoticeMessage.model_validate_json(record.body).notice()
    except ValidationError as error:
        # What was wrong, not what it said: a body may hold anything.
        problems = error.errors(include_input=False, include_url=False)
        logger().error("unreadable notice", extra={"messageId": record.message_id, "why": problems})
        return None
