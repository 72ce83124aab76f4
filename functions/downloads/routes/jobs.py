"""A job after it was accepted: how far it is, its links, cancelling and retrying it."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from downloads import wiring
from downloads.accepted import accepted_reply
from downloads.answers import INVALID, NO_SUCH_JOB, TOO_MANY, answers
from downloads.contracts.replies import InitiateReply, StatusReply
from downloads.http import reply
from downloads.model import Job
from downloads.routes.own import MOST_PER_PAGE, Cursor, JobId, Limit, bundle_of, caller, own_job, page_of
from downloads.settings import JobsApiSettings
from downloads.telemetry import know_job, report, request_origin, spans
from downloads.usecases.cancel import cancel
from downloads.usecases.read import still_waiting
from downloads.usecases.retry import Reopening, retry
from downloads.views import polling, status_view

router = Router()


@router.get(
    "/v1/download/status/<jobId>",
    summary="How far a job is",
    tags=["Jobs"],
    responses=answers({HTTPStatus.OK: (StatusReply, "The job")}, invalid=INVALID, missing=NO_SUCH_JOB),
)
def job_status(jobId: JobId, limit: Limit = MOST_PER_PAGE, cursor: Cursor = None) -> Response[str]:  # noqa: N803 # the contract's name
    config = wiring.settings(JobsApiSettings)
    return _status(own_job(jobId, router, config), limit, cursor, config)


@router.delete(
    "/v1/download/<jobId>",
    summary="Cancel a job",
    description="What is ready stays; nothing more is prepared. Doing so again changes nothing.",
    tags=["Jobs"],
    responses=answers(
        {HTTPStatus.OK: (StatusReply, "The cancelled job")},
        invalid=INVALID,
        missing=NO_SUCH_JOB,
        ended={HTTPStatus.CONFLICT: "The job had completed or failed already"},
    ),
)
def cancel_job(jobId: JobId) -> Response[str]:  # noqa: N803 # the contract's name
    config = wiring.settings(JobsApiSettings)
    job = cancel(str(jobId), caller(router, config).owner, wiring.jobs(config), datetime.now(UTC))
    know_job(job)
    return _status(job, MOST_PER_PAGE, None, config)


@router.post(
    "/v1/download/<jobId>/retry",
    summary="Prepare the failed files again",
    description="The same job, with a growing version; what is ready stays.",
    tags=["Jobs"],
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(
        {HTTPStatus.ACCEPTED: (InitiateReply, "The job goes on")},
        invalid=INVALID,
        missing=NO_SUCH_JOB,
        refused={HTTPStatus.CONFLICT: "The job goes on already, was cancelled, or has nothing to retry"},
        limits=TOO_MANY,
    ),
)
def retry_job(jobId: JobId) -> Response[str]:  # noqa: N803 # the contract's name
    config = wiring.settings(JobsApiSettings)
    now, came, job = datetime.now(UTC), request_origin(), own_job(jobId, router, config)
    with spans().span("retry", {"job.id": job.job_id, "download.type": "async"}, came.trace) as span:
        shop = Reopening(
            wiring.recording_jobs(config, config.file_ttl_seconds),
            wiring.queue(config, report, config.delay),
            config.schedule,
            lambda reopened: _allow(reopened, config, now),
            replace(came, trace=span.trace),
        )
        accepted = retry(job, shop, now)
    return accepted_reply(accepted, config.pace, f"../status/{jobId}")


def _allow(job: Job, config: JobsApiSettings, now: datetime) -> None:
    """A retry costs what a new job does: a token, and a place among the open ones."""
    allowances, account = wiring.allowances(config), caller(router, config).account
    allowances.take(account, now)
    allowances.reserve(account, job, now)


def _status(job: Job, limit: int, cursor: str | None, config: JobsApiSettings) -> Response[str]:
    now = datetime.now(UTC)
    page = page_of(job, limit, cursor, router, config)
    job = still_waiting(job, wiring.jobs(config), now)
    body = status_view(job, page, config.pace, now, bundle_of(job, router, config))
    return reply(body, HTTPStatus.OK, polling(job, config.pace, now))
