"""The links of a job in the formats of other tools: what was asked for, and the answer."""

from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.api_gateway import Router
from aws_lambda_powertools.event_handler.openapi.params import Query

from downloads import wiring
from downloads.cursors import file_cursor
from downloads.http import Refusal
from downloads.manifests.entries import Writer
from downloads.manifests.formats import OFFERED, WRITERS, Format, document, wanted
from downloads.model import Job
from downloads.settings import JobsApiSettings
from downloads.usecases.manifest import entries
from downloads.usecases.read import Page
from downloads.views import links_status, polling

ABOUT = "How to write the links; wins over Accept, which can choose " + ", ".join(OFFERED)
As = Annotated[Format | None, Query(description=ABOUT)]
VARY = {"vary": "Accept"}
MEDIA_TYPES = {
    writer.media_type.partition(";")[0]: {"schema": {"type": "string"}} for writer in WRITERS.values()
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A page of a job in one format; ``limit`` counts its files."""

    job: Job
    format: Format
    limit: int
    first: bool

    @property
    def writer(self) -> Writer:
        return WRITERS[self.format]


def format_asked(given: Format | None, router: Router) -> Format:
    """``?format=``, else what Accept prefers. Raises Refusal (406) when it takes none that there is."""
    asked = given or wanted(router.current_event.headers.get("accept"))
    if asked is None:
        message = f"By Accept the links can be had as {', '.join(OFFERED)}; see also ?format= in /docs."
        raise Refusal(HTTPStatus.NOT_ACCEPTABLE, "NOT_ACCEPTABLE", message, headers=VARY)
    return asked


def manifest(wish: Wish, page: Page, config: JobsApiSettings) -> Response[str]:
    """The page, or as much of it as one answer takes; Link says where the rest is (RFC 8288)."""
    now = datetime.now(UTC)
    waiting = polling(wish.job, config.pace, now)
    if wish.writer.needs_a_file and wish.first and not page.ready and page.after is None:
        raise _nothing_ready(waiting)
    listed = entries(wish.job, page, wiring.jobs(config), wiring.objects(config))
    body, taken = document(wish.writer, listed)
    after = page.after if taken == len(listed) else listed[taken - 1].file_id
    headers = VARY | waiting | _attached(wish) | _next(wish, after)
    return Response(links_status(wish.job), content_type=wish.writer.media_type, body=body, headers=headers)


def _nothing_ready(waiting: dict[str, str]) -> Refusal:
    message = "No file of the job is ready, and this format cannot say so: it takes one file at least."
    return Refusal(HTTPStatus.CONFLICT, "NOTHING_READY", message, headers=VARY | waiting)


def documented(described: dict[int, Any]) -> dict[int, Any]:
    """The good answers with the media types of all formats."""
    for status in (HTTPStatus.OK, HTTPStatus.ACCEPTED):
        described[status]["content"] |= MEDIA_TYPES
    return described


def _attached(wish: Wish) -> dict[str, str]:
    name = f"{wish.job.job_id}.{wish.writer.extension}"
    return {"content-disposition": f'attachment; filename="{name}"'}


def _next(wish: Wish, after: int | None) -> dict[str, str]:
    cursor = file_cursor(after)
    if cursor is None:
        return {}
    query = urlencode({"format": wish.format.value, "limit": wish.limit, "cursor": cursor})
    return {"link": f'<?{query}>; rel="next"'}
