"""The answer to a job that was accepted: by initiate, or again by retry."""

from http import HTTPStatus
from uuid import UUID

from aws_lambda_powertools.event_handler import Response

from downloads.contracts.replies import InitiateReply
from downloads.estimate import Pace
from downloads.http import reply
from downloads.telemetry import about, logger
from downloads.usecases.dispatch import Accepted


def accepted_reply(accepted: Accepted, pace: Pace, location: str) -> Response[str]:
    """202 with where to poll; ``location`` is relative to the request's address (RFC 9110)."""
    job = accepted.job
    _log(accepted)
    body = InitiateReply(
        jobId=UUID(job.job_id),
        status=job.status,
        estimatedTimeMs=pace.first_guess_ms(job.remaining, bundled=job.bundle is not None),
        totalFiles=job.total,
        totalFileIds=job.total,
    )
    headers = {"location": location, "retry-after": str(pace.poll_again_s(job, job.created_at))}
    if accepted.replayed:
        headers["idempotency-replayed"] = "true"
    return reply(body, HTTPStatus.ACCEPTED, headers)


def _log(accepted: Accepted) -> None:
    job = accepted.job
    told = {"files": job.total, "replayed": accepted.replayed, "unsentFiles": len(accepted.unsent)}
    fields = about(job.job_id, round=job.round, **told)
    if accepted.unsent:
        logger().error("job accepted, but some files could not be queued; the sweeper will", extra=fields)
    else:
        logger().info("job accepted", extra=fields)
