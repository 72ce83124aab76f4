"""The jobs of whoever calls."""

from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from downloads import wiring
from downloads.answers import answers
from downloads.contracts.replies import JobsReply
from downloads.cursors import place_after
from downloads.http import reply
from downloads.routes.own import caller
from downloads.settings import JobsApiSettings
from downloads.views import jobs_view

# BatchGetItem takes a hundred keys.
MOST_PER_PAGE = 100
router = Router()

Limit = Annotated[int, Query(ge=1, le=MOST_PER_PAGE, description="Jobs a page")]
Cursor = Annotated[str | None, Query(max_length=128, description="nextCursor of the page before")]


@router.get(
    "/v1/downloads",
    summary="Your jobs, newest first",
    tags=["Jobs"],
    responses=answers({HTTPStatus.OK: (JobsReply, "A page of jobs")}),
)
def my_jobs(limit: Limit = 20, cursor: Cursor = None) -> Response[str]:
    config = wiring.settings(JobsApiSettings)
    owner = caller(router, config).owner
    page = wiring.jobs(config).listed(owner, limit, place_after(cursor))
    return reply(jobs_view(page))
