"""A job after it was accepted: how far it is, its links, cancelling and retrying it."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path, Query

from downloads import wiring
from downloads.accepted import accepted_reply
from downloads.answers import INVALID, NO_SUCH_JOB, TOO_MANY, answers
from downloads.caller import Caller
from downloads.contracts.replies import InitiateReply, LinksReply, StatusReply
from downloads.cursors import file_after
from downloads.errors import FileFailedError
from downloads.file import LARGEST_FILE_ID, ErrorCode, FailedFile, PreparedFile
from downloads.http import Refusal, reply
from downloads.model import Job
from downloads.settings import JobsApiSettings
from downloads.signed_in import caller_of
from downloads.telemetry import report
from downloads.usecases.cancel import cancel
from downloads.usecases.read import (
    Page,
    allowed,
    fresh,
    freshened,
    load_job,
    one_file,
    only_file,
    page_of_files,
)
from downloads.usecases.retry import Reopening, retry
from downloads.views import links_status, links_view, polling, status_view

MOST_PER_PAGE = 1_000
REDIRECT = {
    HTTPStatus.FOUND.value: {
        "description": "To the file itself; Location holds its presigned URL",
        "content": {"text/plain": {"schema": {"type": "string", "maxLength": 0}}},
    }
}
router = Router()

JobId = Annotated[UUID, Path(description="The jobId that initiate answered with")]
Limit = Annotated[int, Query(ge=0, le=MOST_PER_PAGE, description="Files a page; 0 for the progress alone")]
Cursor = Annotated[str | None, Query(max_length=64, description="nextCursor of the page before")]
OneFile = Annotated[int | None, Query(ge=0, le=LARGEST_FILE_ID, description="Only this file")]
Redirect = Annotated[bool, Query(description="Answer 302 to the one file that is asked for")]


@router.get(
    "/v1/download/status/<jobId>",
    summary="How far a job is",
    tags=["Jobs"],
    responses=answers({HTTPStatus.OK: (StatusReply, "The job")}, invalid=INVALID, missing=NO_SUCH_JOB),
)
def job_status(jobId: JobId, limit: Limit = MOST_PER_PAGE, cursor: Cursor = None) -> Response[str]:  # noqa: N803 # the contract's name
    config = wiring.settings(JobsApiSettings)
    return _status(_own(jobId, config), limit, cursor, config)


@router.get(
    "/v1/download/<jobId>",
    summary="Links to the files that are ready",
    tags=["Jobs"],
    responses=answers(
        {
            HTTPStatus.OK: (LinksReply, "The job has ended, or the file asked for is ready"),
            HTTPStatus.ACCEPTED: (LinksReply, "More is to come; Retry-After says when to ask again"),
        },
        invalid=INVALID,
        missing={HTTPStatus.NOT_FOUND: "No such job, or it has no such file"},
        failed={HTTPStatus.CONFLICT: "The file asked for could not be prepared"},
    )
    | REDIRECT,
)
def job_links(
    jobId: JobId,  # noqa: N803 # the contract's name
    limit: Limit = MOST_PER_PAGE,
    cursor: Cursor = None,
    file_id: OneFile = None,
    redirect: Redirect = False,  # a query parameter
) -> Response[str]:
    config = wiring.settings(JobsApiSettings)
    now = datetime.now(UTC)
    stored = wiring.jobs(config)
    job = _own(jobId, config)
    if redirect and file_id is None:
        file_id = only_file(job, stored)
        if file_id is None:
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_REQUEST", "redirect needs a file_id.")
    if file_id is not None:
        if config.entitlements.withheld(_caller(config), [file_id]):
            raise FileFailedError(FailedFile(file_id, ErrorCode.FORBIDDEN))
        file = one_file(job, stored, file_id)
        return _one(job, file, redirect, now, config)
    page = _page(job, limit, cursor, config, now)
    return reply(links_view(job, page.ready, page.after), links_status(job), polling(job, config.pace, now))


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
    job = cancel(str(jobId), _caller(config).owner, wiring.jobs(config), datetime.now(UTC))
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
    now = datetime.now(UTC)
    shop = Reopening(
        wiring.jobs(config),
        wiring.queue(config, report, config.delay),
        config.schedule,
        lambda job: _allow(job, config, now),
    )
    accepted = retry(_own(jobId, config), shop, now)
    return accepted_reply(accepted, config.pace, f"../status/{jobId}")


def _caller(config: JobsApiSettings) -> Caller:
    return caller_of(router.current_event.raw_event, config)


def _allow(job: Job, config: JobsApiSettings, now: datetime) -> None:
    """A retry costs what a new job does: a token, and a place among the open ones."""
    allowances, account = wiring.allowances(config), _caller(config).account
    allowances.take(account, now)
    allowances.reserve(account, job, now)


def _own(job_id: UUID, config: JobsApiSettings) -> Job:
    return load_job(str(job_id), _caller(config).owner, wiring.jobs(config))


def _status(job: Job, limit: int, cursor: str | None, config: JobsApiSettings) -> Response[str]:
    now = datetime.now(UTC)
    page = _page(job, limit, cursor, config, now)
    body = status_view(job, page, config.pace, now)
    return reply(body, HTTPStatus.OK, polling(job, config.pace, now))


def _page(job: Job, limit: int, cursor: str | None, config: JobsApiSettings, now: datetime) -> Page:
    page = page_of_files(job, wiring.jobs(config), limit, file_after(cursor))
    withheld = config.entitlements.withheld(_caller(config), [file_id for file_id, _ in page.files])
    return freshened(allowed(page, withheld), wiring.objects(config), config.url_ttl, now)


def _one(
    job: Job, file: PreparedFile | None, redirect: bool, now: datetime, config: JobsApiSettings
) -> Response[str]:
    if file is None:
        return reply(links_view(job, []), HTTPStatus.ACCEPTED, polling(job, config.pace, now))
    file = fresh(file, wiring.objects(config), config.url_ttl, now)
    if redirect:
        # Without a type of its own, an empty body goes out as the gateway's default, JSON, which it is not.
        return Response(
            HTTPStatus.FOUND, content_type="text/plain", headers={"location": file.link.url}, body=""
        )
    return reply(links_view(job, [file]))
