"""The formats by name and by media type, and how much of a job fits into one document."""

import json
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate

from downloads.manifests.entries import Entry, Writer
from downloads.manifests.lines import ARIA2, CURL, URLS
from downloads.manifests.metalink import METALINK
from downloads.manifests.table import CSV
from downloads.negotiation import preferred

# A Lambda function's answer takes 6 MB, as JSON with the body inside; the rest is for headers.
MOST_BYTES = 5_500_000


class Format(StrEnum):
    """What a job's links can be had as; the first is the default."""

    JSON = "json"
    CSV = "csv"
    URLS = "urls"
    ARIA2 = "aria2"
    METALINK = "metalink"
    CURL = "curl"


WRITERS: dict[Format, Writer] = {
    Format.CSV: CSV,
    Format.URLS: URLS,
    Format.ARIA2: ARIA2,
    Format.METALINK: METALINK,
    Format.CURL: CURL,
}
# What Accept can choose, best first; the others have no media type of their own.
OFFERED = {
    "application/json": Format.JSON,
    "text/csv": Format.CSV,
    "text/uri-list": Format.URLS,
    "application/metalink4+xml": Format.METALINK,
}


def wanted(accept: str | None) -> Format | None:
    """The format that an Accept header asks for; None when there is none that it takes."""
    media_type = preferred(accept, tuple(OFFERED))
    return OFFERED[media_type] if media_type else None


def document(writer: Writer, entries: Sequence[Entry], most: int = MOST_BYTES) -> tuple[str, int]:
    """A whole document of as many entries as ``most`` bytes take, and how many those are: one at least."""
    pieces = [writer.entry(entry) for entry in entries]
    sizes = accumulate((_weight(piece) for piece in pieces), initial=_weight(writer.head + writer.foot))
    fitting = max(1, sum(size <= most for size in sizes) - 1)
    return writer.head + "".join(pieces[:fitting]) + writer.foot, min(fitting, len(pieces))


def _weight(text: str) -> int:
    """Bytes of a text within the function's answer, which is JSON in ASCII."""
    return len(json.dumps(text))
