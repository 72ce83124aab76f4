"""Server-Sent Events of a job, on an API that buffers: answers are short, EventSource comes back."""

import time
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Header, Path, Query

from downloads import wiring
from downloads.answers import INVALID, NO_SUCH_JOB, answers
from downloads.contracts.events import CONTENT_TYPE, held_version, stream
from downloads.contracts.frames import JobFrame
from downloads.errors import StateUnavailableError
from downloads.settings import StreamSettings
from downloads.signed_in import caller_of
from downloads.telemetry import logger
from downloads.usecases.follow import Patience, follow

DESCRIPTION = """For the browser's `EventSource`, `curl -N` and their like. Events are `snapshot` (all that is
known), `change` (what changed since version `since`) and, after the final state, `end`; their data are the
WebSocket's frames, their `id` is the job's version. With `Last-Event-ID`, the answer waits (up to 20 s, a
setting) for something newer than that version; when nothing came it is a comment, and EventSource asks again
by itself.
"""
# OpenAPI 3.1 has no word for a stream: the schema is that of each of its events.
EVENT = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
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

JobId = Annotated[UUID, Path(description="The jobId that initiate answered with")]
LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", description="id of the last event; what is no id counts as none"),
]
InQuery = Annotated[
    str | None, Query(description="Last-Event-ID where headers cannot be set; the header wins")
]


@router.get(
    "/v1/download/progress/<jobId>",
    summary="A job's progress as Server-Sent Events",
    description=DESCRIPTION,
    tags=["Jobs"],
    responses=answers({}, invalid=INVALID, missing=NO_SUCH_JOB) | EVENTS,
)
def job_progress(
    jobId: JobId,  # noqa: N803 # the contract's name
    last_event_id_header: LastEventId = None,
    lastEventId: InQuery = None,  # noqa: N803 # the contract's name
    last_event_id: InQuery = None,
) -> Response[str]:
    # EventSource keeps its address when it comes back: the header is the newer one.
    held = held_version(last_event_id_header, lastEventId, last_event_id)
    frames = _news(str(jobId), held)
    if frames is None:
        return Response(HTTPStatus.NO_CONTENT, body="")
    return Response(HTTPStatus.OK, content_type=CONTENT_TYPE, body=stream(frames), headers=HEADERS)


def _owner(config: StreamSettings) -> str:
    return caller_of(router.current_event.raw_event, config).owner


def _news(job_id: str, held: int | None) -> list[JobFrame] | None:
    config = wiring.settings(StreamSettings)
    patience = Patience(config.sse_hold_seconds, time.monotonic, time.sleep)  # noqa: TID251 # long polling: waiting is what this function is for
    try:
        return follow(job_id, _owner(config), held, wiring.jobs(config), patience)
    except StateUnavailableError:
        if held is None:
            raise
        # An EventSource never comes back after anything but 200: one that has begun outlives the fault.
        logger().exception("could not follow", extra={"jobId": job_id})
        return []
