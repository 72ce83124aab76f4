"""SQS records -> rows of ended jobs and their files in PostgreSQL."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import wiring
from downloads.aws.origins import origin_of
from downloads.bodies import readable
from downloads.contracts.history import HistoryMessage
from downloads.errors import HistoryDownError, StateUnavailableError
from downloads.history_ports import History
from downloads.ports import Jobs
from downloads.records import SqsRecord, sqs_records
from downloads.run import run
from downloads.settings import ExportSettings
from downloads.telemetry import about, know_job, logger
from downloads.time_left import time_left
from downloads.usecases.export import export

# A job of 10,000 files, and a statement that waits for as long as it may.
ENOUGH_MS = 30_000


@run
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Answers with the messages to come again: of jobs not kept, by a fault or by time, and unreadable."""
    config = wiring.settings(ExportSettings)
    jobs = wiring.jobs(config)
    history = wiring.history(config.history_secret_arn, config.history_url)
    in_time = time_left(context, ENOUGH_MS)
    again = [
        record.message_id for record in sqs_records(event) if not (in_time() and _keep(record, jobs, history))
    ]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in again]}


def _keep(record: SqsRecord, jobs: Jobs, history: History) -> bool:
    message = readable(
        record.body, HistoryMessage, "unreadable history", grave=True, messageId=record.message_id
    )
    if message is None:
        return False
    job = message.job(origin_of(record.raw))
    know_job(job)
    try:
        new = export(job, jobs, history)
    except (HistoryDownError, StateUnavailableError) as fault:
        logger().warning("fault", extra=about(job.job_id), exc_info=fault)
        return False
    logger().info("history", extra=about(job.job_id, outcome="kept" if new else "known"))
    return True
