"""The command line: `delineate get`, `status`, `links`, `cancel`, `retry`, `login`, and `admin`."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from delineate import __version__
from delineate.cli import inspecting, login
from delineate.cli.ending import EXIT_CODES, told_in_words
from delineate.cli.fetching import Order, bring
from delineate.cli.manifests import Format
from delineate.cli.options import API_VARIABLE, ApiUrl, FileIds, JobId, Json, parsed_ids
from delineate.cli.signed_in import signed_in
from delineate.operator import commands as operators

app = typer.Typer(
    help="Have files prepared by the download service and bring them here.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


app.add_typer(login.commands)
app.add_typer(operators.app, name="admin")


class Priority(StrEnum):
    """The lanes of the service; a small `high` job overtakes a large `normal` one."""

    HIGH = "high"
    NORMAL = "normal"


Form = Annotated[Format | None, typer.Option("--format", help="How to write the links.")]


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"delineate {__version__}")
        raise typer.Exit


@app.callback()
def main(
    _: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Have files prepared by the download service and bring them here."""


@app.command(epilog=EXIT_CODES)
def get(  # noqa: PLR0913 - each is an option of the command
    *,
    file_ids: FileIds = None,
    api: ApiUrl,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where to.", file_okay=False)] = Path(),
    job: Annotated[str | None, typer.Option(metavar="JOB", help="Pick up this job again.")] = None,
    priority: Annotated[Priority, typer.Option(help="The lane to wait in.")] = Priority.NORMAL,
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Downloads at a time.")] = 4,
    as_json: Json = False,
) -> None:
    """Prepare files and download each as soon as it is ready.

    Unfinished files are kept as NAME.part and resumed by the next run.
    """
    ids = parsed_ids(file_ids)
    if bool(ids) == bool(job):
        raise typer.BadParameter("Give the ids of files, or --job with the id of a job.")
    named = api != os.environ.get(API_VARIABLE, "").rstrip("/")
    with told_in_words(as_json):
        order = Order(api, named, out, parallel, as_json, priority.value, ids, job)
        code = bring(order)
    raise typer.Exit(code)


@app.command()
def status(job: JobId, api: ApiUrl, as_json: Json = False) -> None:
    """Show how far a job is."""
    with told_in_words(as_json), signed_in(api) as service:
        inspecting.show_status(service.api, job, as_json)


@app.command()
def links(job: JobId, api: ApiUrl, form: Form = None, as_json: Json = False) -> None:
    """List links to the files of a job that are ready, or write them for another tool.

    Without a format it is a table on a terminal, and one URL a line elsewhere. `urls` is for
    `wget --content-disposition -i -`, `aria2` for `aria2c -i -`, `metalink` for `aria2c -M FILE`, `curl` for
    `curl -K -`.
    """
    if as_json and form not in (None, Format.JSON):
        raise typer.BadParameter("Give --json or another --format, not both.")
    as_json, terminal = as_json or form is Format.JSON, sys.stdout.isatty()
    with told_in_words(as_json), signed_in(api) as service:
        if form in (None, Format.TABLE, Format.JSON):
            inspecting.show_links(service.api, job, as_json, form is Format.TABLE or terminal)
        else:
            inspecting.show_manifest(service.api, job, form, terminal)


@app.command()
def cancel(job: JobId, api: ApiUrl, as_json: Json = False) -> None:
    """Stop a job: what is not prepared yet will not be."""
    with told_in_words(as_json), signed_in(api) as service:
        inspecting.cancel(service.api, job, as_json)


@app.command()
def retry(job: JobId, api: ApiUrl, as_json: Json = False) -> None:
    """Prepare again the files of an ended job that failed; `get --job` then brings them."""
    with told_in_words(as_json), signed_in(api) as service:
        inspecting.retry(service.api, job, as_json)
