"""Arguments that several commands share."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

API_VARIABLE = "DELINEATE_API_URL"


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
