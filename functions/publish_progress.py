"""DynamoDB stream records -> WebSocket frames, one set a job and batch, and notices of jobs' ends."""

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import wiring
from downloads.aws.stream import News, read
from downloads.notice_ports import Notices
from downloads.ports import Jobs
from downloads.settings import PublishSettings
from downloads.telemetry import bind, logger
from downloads.usecases.notify import notify
from downloads.usecases.publish import Audience, publish
from downloads.usecases.watch import Desk, fulfil

Failures = dict[str, list[dict[str, str]]]


def handler(event: dict[str, Any], context: LambdaContext) -> Failures:
    """Answers with the records to read again: DynamoDB's stream goes on from the lowest one."""
    bind(context)
    config = wiring.settings(PublishSettings)
    news = read(event["Records"])
    jobs, watchers = wiring.jobs(config), wiring.watchers(config, config.connection_ttl_seconds)
    connections = wiring.connections(config.websocket_endpoint)
    failed = _publish(news, Audience(jobs, watchers, connections, _report))
    failed += _fulfil(news, Desk(jobs, watchers, connections))
    _notify(news, jobs, wiring.notices(config))
    failed += _unreadable(news)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in dict.fromkeys(failed)]}


def _publish(news: News, audience: Audience) -> list[str]:
    failed = []
    for job_id, records in news.jobs.items():
        try:
            watching = publish(job_id, records.changes, audience, datetime.now(UTC))
        except Exception:  # noqa: BLE001 # whatever is wrong with one job holds back no other
            logger().exception("could not publish", extra={"jobId": job_id})
            failed.append(records.first)
        else:
            logger().debug("published", extra={"jobId": job_id, "watchers": watching})
    return failed


def _notify(news: News, jobs: Jobs, notices: Notices) -> None:
    for job_id, records in news.jobs.items():
        if records.changes.job and records.changes.job.notice_due:
            try:
                notify(job_id, jobs, notices)
            except Exception:  # noqa: BLE001 # as above
                # The job stays due: the sweeper queues it, and nobody's frames wait for that.
                logger().exception("could not queue a notice", extra={"jobId": job_id})


def _fulfil(news: News, desk: Desk) -> list[str]:
    failed = []
    for sequence, wish in news.wishes:
        try:
            fulfil(wish, desk, datetime.now(UTC))
        except Exception:  # noqa: BLE001 # as above
            logger().exception("could not subscribe", extra={"jobId": wish.job_id})
            failed.append(sequence)
    return failed


def _unreadable(news: News) -> list[str]:
    """Poison: after its retries the mapping gives it up to the failure queue, with what came after it."""
    for sequence, fault in news.unreadable.items():
        logger().error("unreadable record", extra={"sequenceNumber": sequence}, exc_info=fault)
    return list(news.unreadable)


def _report(connection_id: str, fault: Exception) -> None:
    logger().warning("frame not sent", extra={"connectionId": connection_id}, exc_info=fault)
