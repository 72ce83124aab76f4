"""Arguments that several commands share."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

API_VARIABLE = "DELINEATE_API_URL"
LONGEST_ID = 18


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise typer.BadParameter(f"{url!r} is not an http(s) address such as https://downloads.example.com")
    return url.rstrip("/")


ApiUrl = Annotated[
    str,
    typer.Option(
        "--api",
        envvar=API_VARIABLE,
        metavar="URL",
        help="The service's address.",
        callback=_checked_url,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, for scripts.")]
JobId = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]
FileIds = Annotated[list[str] | None, typer.Argument(metavar="FILE_ID", help="Files to get.")]


def parsed_ids(given: list[str] | None) -> list[int]:
    """The ids as numbers; raises `typer.BadParameter` naming the one that is none."""
    for text in given or ():
        if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
            raise typer.BadParameter(f"{text!r} is not a file id: ids are whole numbers.")
    return [int(text) for text in given or ()]
