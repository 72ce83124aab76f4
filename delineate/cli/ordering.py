"""The commands that order files: `get` waits and brings them, `start` only starts the job."""

import os
from pathlib import Path
from typing import Annotated

import typer

from delineate import given
from delineate.cli.completion import recent_jobs
from delineate.cli.ending import EXIT_CODES, print_document, told_in_words
from delineate.cli.fetching import Order, bring
from delineate.cli.ids import FileIds, From, file_ids
from delineate.cli.options import (
    API_VARIABLE,
    ApiUrl,
    Bundled,
    Form,
    Json,
    Lane,
    Out,
    Output,
    Priority,
    output,
)
from delineate.cli.signed_in import signed_in
from delineate.cli.tables import print_csv
from delineate.cli.usage import checked

commands = typer.Typer()

Key = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key",
        metavar="KEY",
        help="The same key and files answer with the same job.",
        callback=checked(given.idempotency_key),
    ),
]
FailFast = Annotated[bool, typer.Option("--fail-fast", help="End with the first file that fails.")]


@commands.command(epilog=EXIT_CODES)
def get(  # noqa: PLR0913 - each is an option of the command
    *,
    named: FileIds = None,
    api: ApiUrl,
    files: From = None,
    out: Out = Path(),
    job: Annotated[
        str | None,
        typer.Option(
            metavar="JOB",
            help="Pick up this job again.",
            autocompletion=recent_jobs,
            callback=checked(given.job_id),
        ),
    ] = None,
    priority: Lane = Priority.NORMAL,
    bundle: Bundled = None,
    fail_fast: FailFast = False,
    key: Key = None,
    parallel: Annotated[int, typer.Option(min=1, max=32, help="Downloads at a time.")] = 4,
    form: Form = None,
    as_json: Json = False,
) -> None:
    """Prepare files and download each as soon as it is ready.

    Unfinished files are kept as NAME.part and resumed by the next run. Into a pipe, stdout is the path of
    each file that is there. With --bundle zip it is one archive of them that is brought.
    """
    ids, form = file_ids(named, files), output(form, as_json)
    if ids and job:
        raise typer.BadParameter("Give the ids of files or --job, not both.")
    if not (ids or job):
        raise typer.BadParameter("Give the ids of files, or --job with the id of a job.")
    api_named = api != os.environ.get(API_VARIABLE, "").rstrip("/")
    with told_in_words(form is Output.JSON):
        order = Order(
            api,
            api_named,
            out,
            parallel,
            form,
            priority.value,
            ids,
            job,
            bundle.value if bundle else None,
            "fail_fast" if fail_fast else None,
            key,
        )
        code = bring(order)
    raise typer.Exit(code)


@commands.command(short_help="Start a job and print its id.", epilog=EXIT_CODES)
def start(  # noqa: PLR0913 - each is an option of the command
    *,
    named: FileIds = None,
    api: ApiUrl,
    files: From = None,
    priority: Lane = Priority.NORMAL,
    bundle: Bundled = None,
    fail_fast: FailFast = False,
    callback_url: Annotated[
        str | None,
        typer.Option(
            "--callback-url",
            metavar="URL",
            help="Who is told when the job ends.",
            callback=checked(given.web_address),
        ),
    ] = None,
    key: Key = None,
    form: Form = None,
    as_json: Json = False,
) -> None:
    """Start a job and print its id, for `delineate watch`, `get --job` and scripts."""
    ids, form = file_ids(named, files), output(form, as_json)
    if not ids:
        raise typer.BadParameter("Give the ids of files.")
    with told_in_words(form is Output.JSON), signed_in(api) as client:
        job = client.jobs.create(
            ids,
            priority=priority.value,
            on_error="fail_fast" if fail_fast else None,
            callback_url=callback_url,
            idempotency_key=key,
            bundle=bundle.value if bundle else None,
        )
    if form is Output.JSON:
        print_document({"jobId": job.id, "status": str(job.status), "totalFiles": job.progress.total})
    elif form is Output.CSV:
        print_csv(("jobId", "status", "totalFiles"), [(job.id, str(job.status), job.progress.total)])
    else:
        typer.echo(job.id)
