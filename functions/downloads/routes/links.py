"""Links to a job's files: a page of them, as JSON or for another tool, or one, or the way to it at once."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from downloads import wiring
from downloads.answers import INVALID, answers
from downloads.contracts.base import ErrorDetail
from downloads.contracts.replies import LinksReply
from downloads.errors import FileFailedError
from downloads.file import LARGEST_FILE_ID, ErrorCode, FailedFile, PreparedFile
from downloads.http import Refusal, reply
from downloads.manifests.formats import Format
from downloads.model import Job
from downloads.routes.manifests import VARY, As, Wish, documented, format_asked, manifest
from downloads.routes.own import (
    MOST_PER_PAGE,
    Cursor,
    JobId,
    Limit,
    bundle_of,
    caller,
    own_job,
    page_of,
    with_link,
    with_links,
)
from downloads.settings import JobsApiSettings
from downloads.usecases.read import Page, one_file, only_file
from downloads.views import links_status, links_view, polling

REDIRECT = {
    HTTPStatus.FOUND.value: {
        "description": "To the file itself; Location holds its presigned URL",
        "content": {"text/plain": {"schema": {"type": "string", "maxLength": 0}}},
    }
}
router = Router()

OneFile = Annotated[int | None, Query(ge=0, le=LARGEST_FILE_ID, description="Only this file")]
Redirect = Annotated[bool, Query(description="Answer 302 to the one file that is asked for")]


@router.get(
    "/v1/download/<jobId>",
    summary="Links to the files that are ready",
    tags=["Jobs"],
    responses=documented(
        answers(
            {
                HTTPStatus.OK: (LinksReply, "The job has ended, or the file asked for is ready"),
                HTTPStatus.ACCEPTED: (LinksReply, "More is to come; Retry-After says when to ask again"),
            },
            invalid=INVALID,
            missing={HTTPStatus.NOT_FOUND: "No such job, or it has no such file"},
            refused={HTTPStatus.NOT_ACCEPTABLE: "Accept takes no format that the links can be had in"},
            failed={
                HTTPStatus.CONFLICT: "The file asked for failed; or none is ready to put into a Metalink"
            },
        )
    )
    | REDIRECT,
)
def job_links(  # noqa: PLR0913, PLR0917 - each is a parameter of the call
    jobId: JobId,  # noqa: N803 # the contract's name
    limit: Limit = MOST_PER_PAGE,
    cursor: Cursor = None,
    file_id: OneFile = None,
    redirect: Redirect = False,  # a query parameter
    format: As = None,  # the tools' word
) -> Response[str]:
    config = wiring.settings(JobsApiSettings)
    job = own_job(jobId, router, config)
    if redirect:
        return _redirect(job, file_id, format, config)
    asked = format_asked(format, router)
    file = None if file_id is None else _file(job, file_id, config)
    if asked is Format.JSON:
        if file_id is not None:
            return _one(job, file, config)
        return _json(job, page_of(job, limit, cursor, router, config), config)
    if file_id is None:
        page = page_of(job, limit, cursor, router, config)
    else:
        page = with_links(job, Page([(file_id, file)]), config)
    return manifest(Wish(job, asked, limit, cursor is None), page, config)


def _json(job: Job, page: Page, config: JobsApiSettings) -> Response[str]:
    headers = VARY | polling(job, config.pace, datetime.now(UTC))
    body = links_view(job, page.links, page.after, bundle_of(job, router, config))
    return reply(body, links_status(job), headers)


def _one(job: Job, file: PreparedFile | None, config: JobsApiSettings) -> Response[str]:
    if file is None:
        headers = VARY | polling(job, config.pace, datetime.now(UTC))
        return reply(links_view(job, []), HTTPStatus.ACCEPTED, headers)
    return reply(links_view(job, [with_link(job, file, config)]), headers=VARY)


def _redirect(
    job: Job, file_id: int | None, format_given: Format | None, config: JobsApiSettings
) -> Response[str]:
    """To the bytes, of whatever type they are: Accept has no say, and a format makes no sense."""
    if format_given not in (None, Format.JSON):
        raise _nonsense("query.format", "redirect leads to the file itself: it takes no format.")
    file_id = only_file(job, wiring.jobs(config)) if file_id is None else file_id
    if file_id is None:
        raise _nonsense("query.file_id", "redirect needs a file_id.")
    file = _file(job, file_id, config)
    if file is None:
        return _one(job, None, config)
    location = with_link(job, file, config).link.url
    # Without a type of its own, an empty body goes out as the gateway's default, JSON, which it is not.
    return Response(HTTPStatus.FOUND, content_type="text/plain", headers={"location": location}, body="")


def _file(job: Job, file_id: int, config: JobsApiSettings) -> PreparedFile | None:
    """None while it is pending. Raises FileNotInJobError, or FileFailedError (withheld, too)."""
    if config.entitlements.withheld(caller(router, config), [file_id]):
        raise FileFailedError(FailedFile(file_id, ErrorCode.FORBIDDEN))
    return one_file(job, wiring.jobs(config), file_id)


def _nonsense(field: str, message: str) -> Refusal:
    details = [ErrorDetail(field=field, message=message)]
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_REQUEST", message, details)
