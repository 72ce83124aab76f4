"""One-time tickets: what a browser puts into the URL of a WebSocket or an EventSource in a token's place."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Path

from downloads import wiring
from downloads.answers import NO_SUCH_JOB, answers
from downloads.contracts.replies import TicketReply
from downloads.http import reply
from downloads.settings import JobsApiSettings
from downloads.signed_in import caller_of
from downloads.ticket import draw
from downloads.usecases.read import load_job

DESCRIPTION = """Opens one WebSocket (`?ticket=`) or one stream of events of this job, once, within 30 s,
so that no token ever stands in a URL. What it opened ends when the token does that drew it.
"""
router = Router()

JobId = Annotated[UUID, Path(description="The jobId that initiate answered with")]


@router.post(
    "/v1/download/<jobId>/ticket",
    summary="A one-time ticket to watch a job",
    description=DESCRIPTION,
    tags=["Jobs"],
    status_code=HTTPStatus.CREATED,
    responses=answers({HTTPStatus.CREATED: (TicketReply, "The ticket")}, missing=NO_SUCH_JOB),
)
def draw_ticket(jobId: JobId) -> Response[str]:  # noqa: N803 # the contract's name
    config = wiring.settings(JobsApiSettings)
    caller = caller_of(router.current_event.raw_event, config)
    job = load_job(str(jobId), caller.owner, wiring.jobs(config))
    secret, ticket = draw(caller.owner, job.job_id, caller.ends_at, datetime.now(UTC))
    wiring.tickets(config).issue(ticket)
    return reply(TicketReply(ticket=secret, expiresAt=ticket.valid_until), HTTPStatus.CREATED)
