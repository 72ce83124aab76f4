"""DynamoDB stream records -> settled jobs, WebSocket frames, one set a job and batch, and notices of ends."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import metrics, wiring
from downloads.aws.stream import JobRecords, News, read
from downloads.bundle_queue_ports import BundleQueue
from downloads.frame_rate import FrameRate
from downloads.history_ports import HistoryQueue
from downloads.model import Job
from downloads.notice_ports import Notices
from downloads.ports import Jobs
from downloads.run import run
from downloads.settings import PublishSettings
from downloads.spans import Attributes
from downloads.telemetry import about, know_job, logger, meter, spans
from downloads.usecases.notify import notify
from downloads.usecases.publish import Audience, publish, settle
from downloads.usecases.request_bundle import request_bundle
from downloads.usecases.watch import Desk, fulfil

Failures = dict[str, list[dict[str, str]]]


@run
def handler(event: dict[str, Any], context: LambdaContext) -> Failures:
    """Answers with the records to read again: DynamoDB's stream goes on from the lowest one."""
    config = wiring.settings(PublishSettings)
    news = read(event["Records"])
    _know(news, event["Records"])
    jobs, watchers = wiring.jobs(config), wiring.watchers(config, config.connection_ttl_seconds)
    connections = wiring.connections(config.websocket_endpoint)
    audience = Audience(jobs, watchers, connections, _report, know_job)
    failed = _publish(news, audience, wiring.frame_rate())
    failed += _fulfil(news, Desk(jobs, watchers, connections))
    _notify(news, jobs, wiring.notices(config))
    failed += _request_bundles(news, wiring.bundles(config))
    failed += _export(news, wiring.history_queue(config))
    failed += _clear_expired(news, wiring.bundles(config))
    failed += _unreadable(news)
    return {"batchItemFailures": [{"itemIdentifier": sequence} for sequence in dict.fromkeys(failed)]}


def _know(news: News, records: Sequence[Mapping[str, Any]]) -> None:
    for _, job in _written(news):
        know_job(job)
    # Seconds since 1970; records are in the stream's order, so the first is the oldest.
    if records and "ApproximateCreationDateTime" in records[0]["dynamodb"]:
        created_s = float(records[0]["dynamodb"]["ApproximateCreationDateTime"])
        meter().add(metrics.STREAM_AGE, max(0, datetime.now(UTC).timestamp() - created_s))


def _span(job_id: str, records: JobRecords) -> AbstractContextManager[object]:
    """Of a job that is told of in another batch nothing is traced: its records here tell of no request."""
    job = records.changes.job
    if job is None or job.origin is None:
        return nullcontext()
    told: Attributes = {"job.id": job_id, "job.status": job.status.value, "job.version": job.version}
    return spans().span("publish", told, job.origin.trace)


def _publish(news: News, audience: Audience, rate: FrameRate) -> list[str]:
    failed = []
    for job_id in rate.in_turn(news.jobs):
        records = news.jobs[job_id]
        try:
            # Before it is read, so that what is told is what it is then.
            rate.await_turn(job_id)
            settle(job_id, records.changes, audience.jobs)
            if job := records.changes.job:
                know_job(job)
            with _span(job_id, records):
                watching = publish(job_id, records.changes, audience, datetime.now(UTC))
        except Exception:  # noqa: BLE001 # whatever is wrong with one job holds back no other
            logger().exception("could not publish", extra=about(job_id))
            failed.append(records.first)
        else:
            if watching:
                rate.note(job_id)
                logger().debug("published", extra=about(job_id, watchers=watching))
    return failed


def _notify(news: News, jobs: Jobs, notices: Notices) -> None:
    """What fails stays due: the sweeper queues it, and nobody's frames wait for that."""
    for _, job in _written(news):
        if job.notice_due:
            _tried(partial(notify, job.job_id, jobs, notices), job.job_id, "could not queue a notice")


def _request_bundles(news: News, bundles: BundleQueue) -> list[str]:
    """Read again: nothing but the store's lifecycle rules would clear away what was given up."""
    return [
        first
        for first, job in _written(news)
        if not _tried(partial(request_bundle, job, bundles), job.job_id, "could not queue a bundle")
    ]


def _export(news: News, history: HistoryQueue | None) -> list[str]:
    """Ended jobs, where they are kept: read again, for nothing else would ask for one that is lost here."""
    return [
        first
        for first, job in _written(news)
        if history and job.status.terminal
        if not _tried(partial(history.send, job), job.job_id, "could not queue history")
    ]


def _clear_expired(news: News, bundles: BundleQueue) -> list[str]:
    """Archives of a job that is gone: a bucket of somebody else's may have no rule that expires them."""
    return [
        sequence
        for sequence, task in news.expired
        if not _tried(partial(bundles.send, task), task.job_id, "could not queue a bundle")
    ]


def _fulfil(news: News, desk: Desk) -> list[str]:
    now = datetime.now(UTC)
    return [
        sequence
        for sequence, wish in news.wishes
        if not _tried(partial(fulfil, wish, desk, now), wish.job_id, "could not subscribe")
    ]


def _written(news: News) -> Iterator[tuple[str, Job]]:
    """Each job that was written anew, with the first of its records.

    What is counted beside it is no reason to ask again: whoever settles that writes the job.
    """
    for records in news.jobs.values():
        if records.written:
            yield records.first, records.written


def _tried(step: Callable[[], object], job_id: str, refused: str) -> bool:
    """Whether it could be done: whatever is wrong with one job holds back no other."""
    try:
        step()
    except Exception:  # noqa: BLE001 # it is told, and who asked knows when it is tried again
        logger().exception(refused, extra=about(job_id))
        return False
    return True


def _unreadable(news: News) -> list[str]:
    """Poison: after its retries the mapping gives it up to the failure queue, with what came after it."""
    for sequence, fault in news.unreadable.items():
        logger().error("unreadable record", extra={"sequenceNumber": sequence}, exc_info=fault)
    return list(news.unreadable)


def _report(job_id: str, connection_id: str, fault: Exception) -> None:
    logger().warning("frame not sent", extra=about(job_id, connectionId=connection_id), exc_info=fault)
