"""The commands about jobs that are there: `jobs`, `watch`, `status`, `links`, `cancel`, `retry`."""

import sys
from typing import Annotated

import typer

from delineate.cli import inspecting, watching
from delineate.cli.ending import EXIT_CODES, told_in_words
from delineate.cli.manifests import Format
from delineate.cli.options import ApiUrl, Form, JobId, Json, Output, output
from delineate.cli.signed_in import signed_in
from delineate.standing import JobStatus

commands = typer.Typer()


@commands.command(epilog=EXIT_CODES)
def jobs(
    *,
    api: ApiUrl,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="So many at most.")] = 20,
    status: Annotated[list[JobStatus] | None, typer.Option("--status", help="Only these.")] = None,
    form: Form = None,
    as_json: Json = False,
) -> None:
    """List your jobs, newest first."""
    form = output(form, as_json)
    with told_in_words(form is Output.JSON), signed_in(api) as client:
        inspecting.show_jobs(client._api, limit, status or list(JobStatus), form)


@commands.command(short_help="Watch a job until it ends.", epilog=EXIT_CODES)
def watch(job: JobId, api: ApiUrl, form: Form = None, as_json: Json = False) -> None:
    """Watch a job until it ends; nothing is downloaded, and Ctrl-C leaves the job alone."""
    form = output(form, as_json)
    with told_in_words(form is Output.JSON), signed_in(api) as client:
        code = watching.watch(client.jobs.get(job), client._api, form)
    raise typer.Exit(code)


@commands.command(epilog=EXIT_CODES)
def status(job: JobId, api: ApiUrl, form: Form = None, as_json: Json = False) -> None:
    """Show how far a job is, and why files failed."""
    form = output(form, as_json)
    with told_in_words(form is Output.JSON), signed_in(api) as client:
        inspecting.show_status(client._api, job, form)


@commands.command(short_help="List links to what is ready, for people and other tools.", epilog=EXIT_CODES)
def links(
    job: JobId,
    api: ApiUrl,
    form: Annotated[Format | None, typer.Option("--format", help="How to write the links.")] = None,
    as_json: Json = False,
) -> None:
    """List links to the files of a job that are ready, or write them for another tool.

    Without a format it is a table on a terminal, and one URL a line elsewhere. `urls` is for
    `wget --content-disposition -i -`, `aria2` for `aria2c -i -`, `metalink` for `aria2c -M FILE`, `curl` for
    `curl -K -`.
    """
    if as_json and form not in (None, Format.JSON):
        raise typer.BadParameter("Give --json or another --format, not both.")
    as_json, terminal = as_json or form is Format.JSON, sys.stdout.isatty()
    with told_in_words(as_json), signed_in(api) as client:
        if form in (None, Format.TABLE, Format.JSON):
            inspecting.show_links(client._api, job, as_json, form is Format.TABLE or terminal)
        else:
            inspecting.show_manifest(client._api, job, form, terminal)


@commands.command(epilog=EXIT_CODES)
def cancel(job: JobId, api: ApiUrl, form: Form = None, as_json: Json = False) -> None:
    """Stop a job: what is not prepared yet will not be."""
    form = output(form, as_json)
    with told_in_words(form is Output.JSON), signed_in(api) as client:
        inspecting.cancel(client._api, job, form)


@commands.command(short_help="Prepare again what failed.", epilog=EXIT_CODES)
def retry(job: JobId, api: ApiUrl, form: Form = None, as_json: Json = False) -> None:
    """Prepare again the files of an ended job that failed; `get --job` then brings them."""
    form = output(form, as_json)
    with told_in_words(form is Output.JSON), signed_in(api) as client:
        inspecting.retry(client._api, job, form)
