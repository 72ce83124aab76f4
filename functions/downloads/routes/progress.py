"""Server-Sent Events of a job, on an API that buffers: answers are short, EventSource comes back."""

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router

from downloads import wiring
from downloads.answers import INVALID, NO_SUCH_JOB, answers
from downloads.caller import Caller, Session
from downloads.contracts.base import ErrorDetail
from downloads.contracts.events import CONTENT_TYPE, held_version, stream
from downloads.contracts.frames import JobFrame
from downloads.credentials import Credentials
from downloads.errors import StateUnavailableError
from downloads.http import invalid, rate_headers
from downloads.settings import StreamSettings
from downloads.signed_in import address_of
from downloads.telemetry import logger
from downloads.usecases.admit import Admitted, admit_stream, resumes
from downloads.usecases.follow import Patience, follow
from downloads.wording import WORDS

DESCRIPTION = """For the browser's `EventSource`, `curl -N` and their like. Events are `snapshot` (all that is
known), `change` (what changed since version `since`) and, after the final state, `end`; their data are the
WebSocket's frames, their `id` is the job's version. With `Last-Event-ID`, the answer waits (up to 20 s, a
setting) for something newer than that version; when nothing came it is a comment, and EventSource asks again
by itself.

A browser's `EventSource` cannot send a token: draw a ticket (`POST …/ticket`) and give it as `?ticket=`.
It opens the stream once; the ids of such a stream carry what opens it again when EventSource comes back.
"""
# OpenAPI 3.1 has no word for a stream: the schema is that of each of its events.
EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": r"^[0-9]+(\.[A-Za-z0-9_-]+)?$"},
        "event": {"enum": ["snapshot", "change", "end"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
EVENTS = {
    HTTPStatus.OK.value: {
        "description": "Events, or a comment when nothing happened",
        "content": {"text/event-stream": {"schema": EVENT}},
    },
    HTTPStatus.NO_CONTENT.value: {
        "description": "The job has ended at that version: EventSource stops here",
        "content": {},
    },
}
# nginx holds back what it proxies unless told not to.
HEADERS = {"x-accel-buffering": "no"}
router = Router()


def _optional(name: str, place: str, description: str) -> dict[str, Any]:
    schema = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    return {"name": name, "in": place, "required": False, "description": description, "schema": schema}


IN_QUERY = "Last-Event-ID where headers cannot be set; the header wins"
# Read by hand: what Powertools reads parameters with is half of what a function of the API loads.
PARAMETERS = [
    {
        "name": "jobId",
        "in": "path",
        "required": True,
        "description": "The jobId that initiate answered with",
        "schema": {"type": "string", "format": "uuid"},
    },
    _optional("lastEventId", "query", IN_QUERY),
    _optional("last_event_id", "query", IN_QUERY),
    _optional("last-event-id", "header", "id of the last event; what is no id counts as none"),
]


@router.get(
    "/v1/download/progress/<jobId>",
    summary="A job's progress as Server-Sent Events",
    description=DESCRIPTION,
    tags=["Jobs"],
    responses=answers({}, invalid=INVALID, missing=NO_SUCH_JOB) | EVENTS,
)
def job_progress(jobId: str) -> Response[str]:  # noqa: N803 # the contract's name
    job_id, event = _uuid(jobId), router.current_event
    last_event_id, asked = event.headers.get("last-event-id"), event.query_string_parameters
    # EventSource keeps its address when it comes back: the header is the newer one.
    held = held_version(last_event_id, asked.get("lastEventId"), asked.get("last_event_id"))
    config = wiring.settings(StreamSettings)
    try:
        admitted = _admitted(job_id, last_event_id, config)
    except StateUnavailableError:
        if not resumes(last_event_id):
            raise
        # An EventSource never comes back after anything but 200: one that has begun outlives the fault.
        logger().exception("could not let in again", extra={"jobId": job_id})
        return _answer([], held, None, HEADERS)
    frames = _followed(job_id, admitted.session, held, config)
    account = Caller(admitted.session.owner, address_of(router.current_event.raw_event)).account
    return _answer(frames, held, admitted.secret, HEADERS | rate_headers(account))


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        raise invalid([ErrorDetail(field="path.jobId", message=WORDS["uuid_parsing"])]) from None


def _answer(
    frames: list[JobFrame] | None, held: int | None, secret: str | None, headers: dict[str, str]
) -> Response[str]:
    if frames is None:
        return Response(HTTPStatus.NO_CONTENT, headers=headers, body="")
    return Response(
        HTTPStatus.OK, content_type=CONTENT_TYPE, body=stream(frames, held, secret), headers=headers
    )


def _admitted(job_id: str, last_event_id: str | None, config: StreamSettings) -> Admitted:
    """A token or a ticket, either by the function itself: API Gateway's authorizer knows no tickets."""
    event = router.current_event.raw_event
    given = Credentials.of(event["headers"], event.get("queryStringParameters"), job_id)
    return admit_stream(given, last_event_id, wiring.gate(config), datetime.now(UTC))


def _followed(
    job_id: str, session: Session, held: int | None, config: StreamSettings
) -> list[JobFrame] | None:
    patience = Patience.until(session.ends_at, config.sse_hold_seconds, datetime.now(UTC))
    try:
        return follow(job_id, session.owner, held, wiring.jobs(config), patience)
    except StateUnavailableError:
        if held is None:
            raise
        # As above.
        logger().exception("could not follow", extra={"jobId": job_id})
        return []
