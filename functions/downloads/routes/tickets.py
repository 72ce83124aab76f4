"""One-time tickets: what a browser puts into the URL of a WebSocket or an EventSource in a token's place."""

from datetime import UTC, datetime
from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from downloads import wiring
from downloads.answers import NO_SUCH_JOB, answers
from downloads.contracts.replies import TicketReply
from downloads.http import reply
from downloads.routes.own import JobId, caller, own_job
from downloads.settings import JobsApiSettings
from downloads.ticket import draw

DESCRIPTION = """Opens one WebSocket (`?ticket=`) or one stream of events of this job, once, within 30 s,
so that no token ever stands in a URL. What it opened ends when the token does that drew it.
"""
router = Router()


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
    job, ends_at = own_job(jobId, router, config), caller(router, config).ends_at
    secret, ticket = draw(job.owner, job.job_id, ends_at, datetime.now(UTC))
    wiring.tickets(config).issue(ticket)
    return reply(TicketReply(ticket=secret, expiresAt=ticket.valid_until), HTTPStatus.CREATED)
