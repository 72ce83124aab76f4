"""A job's links as the service writes them for other tools, joined from all pages."""

from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

import httpx

from delineate.api import Api
from delineate.errors import DelineateError, Unreachable


class Format(StrEnum):
    """How links are printed; the first two are made here, the others by the service."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    URLS = "urls"
    ARIA2 = "aria2"
    METALINK = "metalink"
    CURL = "curl"


class TooLarge(DelineateError):
    """A job does not fit into one document, and documents of this format cannot be joined."""

    code = "TOO_LARGE"


def manifest(api: Api, job_id: str, wanted: Format) -> Iterator[bytes]:
    """The document, piece by piece. Raises `Unreachable`, `ServiceError`, or `TooLarge` before any piece."""
    page = _page(api, job_id, wanted, None)
    cursor = _next(page)
    if cursor and wanted is Format.METALINK:
        raise TooLarge("The job is too large for one Metalink document; `--format aria2` has no such limit.")
    yield page.content
    while cursor:
        page = _page(api, job_id, wanted, cursor)
        cursor = _next(page)
        # The names of the columns stand there already.
        yield page.content.partition(b"\n")[2] if wanted is Format.CSV else page.content


def _page(api: Api, job_id: str, wanted: Format, cursor: str | None) -> httpx.Response:
    page = api.manifest(job_id, wanted.value, cursor)
    if page.headers.get("content-type", "").startswith("application/json"):
        raise Unreachable(f"The service at {page.request.url.netloc.decode()} does not know this format.")
    return page


def _next(page: httpx.Response) -> str | None:
    """The cursor of the page that the Link header names."""
    query = parse_qs(urlsplit(page.links.get("next", {}).get("url", "")).query)
    return query.get("cursor", [None])[0]
