"""SQS records -> signed POSTs to callback URLs, one attempt a delivery."""

import random
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import metrics, wiring
from downloads.aws.notices import SqsNotices
from downloads.aws.origins import origin_of
from downloads.bodies import readable
from downloads.contracts.messages import NoticeMessage
from downloads.notice import Attempt, Notice, Outcome
from downloads.records import SqsRecord, sqs_records
from downloads.run import run
from downloads.settings import DeliverSettings
from downloads.spans import Attributes
from downloads.telemetry import about, know, logger, meter, spans
from downloads.trace import trace_of
from downloads.usecases.deliver import Mailroom, deliver

TO_COME_AGAIN = {Outcome.STARTED, Outcome.FAILED}


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the notices to be tried again, hidden until then.

    A fault of our own (the table, the secret, the dead letters) is raised, so that it rings.
    """
    config = wiring.settings(DeliverSettings)
    notices = wiring.outgoing_notices(config)
    room = Mailroom(
        wiring.deliveries(config, config.file_ttl_seconds),
        notices,
        wiring.callback(config),
        wiring.keys(config),
        clock=lambda: datetime.now(UTC),
        chance=random.random,
        on_attempt=_count,
    )
    kept = [record.message_id for record in sqs_records(event) if _keep(record, notices, room)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in kept]}


def _keep(record: SqsRecord, notices: SqsNotices, room: Mailroom) -> bool:
    notice = _notice(record)
    if notice is None:
        notices.reject(record.body)
        return False
    know(notice.job_id, notice.origin, notice.owner)
    outcome = _deliver(notice, record, room)
    logger().info("webhook", extra=about(notice.job_id, webhookId=notice.webhook_id, outcome=outcome))
    return outcome in TO_COME_AGAIN


def _deliver(notice: Notice, record: SqsRecord, room: Mailroom) -> Outcome:
    told: Attributes = {"job.id": notice.job_id, "webhook.id": notice.webhook_id}
    with spans().span("deliver_webhook", told, trace_of(notice.origin)) as span:
        outcome = deliver(notice, record.receipt_handle, room)
        span.note({"webhook.outcome": outcome.value})
    return outcome


def _count(attempt: Attempt) -> None:
    meter().add(metrics.DELIVERIES, outcome=attempt.outcome.value)


def _notice(record: SqsRecord) -> Notice | None:
    message = readable(
        record.body, NoticeMessage, "unreadable notice", grave=True, messageId=record.message_id
    )
    return None if message is None else message.notice(origin_of(record.raw))
