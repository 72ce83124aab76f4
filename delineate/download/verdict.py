"""What a storage's answer means for a download."""

from http import HTTPStatus

import httpx

from delineate.backoff import retry_after
from delineate.errors import FileFault

# S3 answers 400 when the credentials that signed a link have ended, 403 when the link itself has.
LINK_REFUSED = frozenset({400, 401, 403})


class LinkRefused(Exception):
    """The storage no longer takes this link; a fresh one may work."""


class Transient(Exception):
    """Trying again may help, after `pause` seconds if the storage asked for that."""

    def __init__(self, why: str, pause: float | None = None) -> None:
        super().__init__(why)
        self.pause = pause


class Corrupt(Exception):
    """All bytes came, but they are not the object's; the part has been thrown away."""


def raise_for(response: httpx.Response) -> None:
    """Nothing for an answer that carries bytes; else `LinkRefused`, `Transient` or `FileFault`."""
    code = response.status_code
    if code in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    if code in LINK_REFUSED:
        raise LinkRefused(f"the storage answered {code}")
    if code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        raise FileFault("NOT_FOUND", "The object is no longer in the storage.")
    if code == HTTPStatus.TOO_MANY_REQUESTS or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Transient(f"the storage answered {code}", retry_after(response.headers.get("retry-after")))
    raise FileFault(
        f"HTTP_{code}", f"The storage answered {code} {response.reason_phrase}.".replace(" .", ".")
    )


def strong_etag(response: httpx.Response) -> str | None:
    """The strong ETag without its quotes; a weak one does not tell bytes apart."""
    etag: str = response.headers.get("etag", "")
    return None if etag.startswith("W/") else etag.strip('"') or None


def announced_bytes(response: httpx.Response, offset: int) -> int | None:
    """How long the whole object is by its answer, which begins at `offset`; None when it does not say."""
    length = response.headers.get("content-length")
    return offset + int(length) if length and length.isdigit() else None
