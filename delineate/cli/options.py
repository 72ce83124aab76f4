"""Arguments that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from delineate import given
from delineate.cli.completion import recent_jobs
from delineate.cli.usage import checked

API_VARIABLE = "DELINEATE_API_URL"


class Output(StrEnum):
    """How a command's result is written to stdout."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Priority(StrEnum):
    """The lanes of the service; a small `high` job overtakes a large `normal` one."""

    HIGH = "high"
    NORMAL = "normal"


class Archived(StrEnum):
    """The forms of an archive."""

    ZIP = "zip"


ApiUrl = Annotated[
    str,
    typer.Option(
        "--api",
        envvar=API_VARIABLE,
        metavar="URL",
        help="The service's address.",
        callback=checked(lambda url: given.web_address(url).rstrip("/")),
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, as --format json.")]
Form = Annotated[Output | None, typer.Option("--format", help="How to write the result to stdout.")]
JobId = Annotated[
    str,
    typer.Argument(
        metavar="JOB", help="The job's id.", autocompletion=recent_jobs, callback=checked(given.job_id)
    ),
]
Lane = Annotated[Priority, typer.Option("--priority", help="The lane to wait in.")]
Bundled = Annotated[Archived | None, typer.Option("--bundle", help="Have one archive made of the files.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to.", file_okay=False)]


def output(form: Output | None, as_json: bool) -> Output | None:
    """The one that was asked for, by either option; None when nobody asked."""
    if as_json and form not in (None, Output.JSON):
        raise typer.BadParameter("Give --json or another --format, not both.")
    return Output.JSON if as_json else form
