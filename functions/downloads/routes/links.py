"""Links to a job's files: a page of them, or one, or the way to it at once."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from downloads import wiring
from downloads.answers import INVALID, answers
from downloads.contracts.replies import LinksReply
from downloads.errors import FileFailedError
from downloads.file import LARGEST_FILE_ID, ErrorCode, FailedFile, PreparedFile
from downloads.http import Refusal, reply
from downloads.model import Job
from downloads.routes.own import MOST_PER_PAGE, Cursor, JobId, Limit, caller, own_job, page_of
from downloads.settings import JobsApiSettings
from downloads.usecases.read import fresh, one_file, only_file
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
    job = own_job(jobId, router, config)
    if redirect and file_id is None:
        file_id = only_file(job, stored)
        if file_id is None:
            raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_REQUEST", "redirect needs a file_id.")
    if file_id is not None:
        if config.entitlements.withheld(caller(router, config), [file_id]):
            raise FileFailedError(FailedFile(file_id, ErrorCode.FORBIDDEN))
        file = one_file(job, stored, file_id)
        return _one(job, file, redirect, now, config)
    page = page_of(job, limit, cursor, router, config)
    return reply(links_view(job, page.ready, page.after), links_status(job), polling(job, config.pace, now))


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
