"""Operators' commands: `admin top`, `admin job`, `admin redrive`, `admin forget`; by their own rights."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from delineate import given
from delineate.cli.ending import EXIT_CODES, print_document, say, told_in_words
from delineate.cli.options import Json
from delineate.cli.usage import checked
from delineate.operator import forget as oblivion
from delineate.operator import job as telling
from delineate.operator import redrive as letters
from delineate.operator import top as screen
from delineate.operator.story import Question

app = typer.Typer(
    short_help="For operators, with their own AWS credentials.",
    help="For operators: calls AWS itself with your credentials (pip install 'delineate[admin]').",
    no_args_is_help=True,
)


def sure(question: str) -> None:
    """Asks. Raises typer.BadParameter where nobody can be asked, typer.Abort for a no."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("Nobody can be asked here: say --yes.", param_hint="--yes")
    typer.confirm(question, abort=True, err=True)


def _named(stack: str) -> str:
    if not stack:
        raise typer.BadParameter("Name the stack, such as downloads-prod.", param_hint="--stack")
    return stack


Stack = Annotated[
    str,
    typer.Option(
        "--stack",
        envvar="DELINEATE_STACK",
        metavar="NAME",
        help="The stack, such as downloads-prod.",
        callback=_named,
    ),
]


@app.command(epilog=EXIT_CODES)
def top(
    *,
    stack: Stack,
    every: Annotated[float, typer.Option(min=0.5, max=3600, metavar="SECONDS", help="Between looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look twice, print, and end.")] = False,
    as_json: Json = False,
) -> None:
    """Watch the service: jobs by state, queues, rates, the slowest jobs, and what is not well."""
    with told_in_words(as_json):
        screen.show(screen.Wish(stack, every, once, as_json))


@app.command(epilog=EXIT_CODES)
def job(  # noqa: PLR0913 - each is an option of the command
    job_id: Annotated[
        str, typer.Argument(metavar="JOB", help="The job's id.", callback=checked(given.job_id))
    ],
    *,
    stack: Stack,
    since: Annotated[
        datetime | None, typer.Option(metavar="TIME", help="Read logs from this time, UTC, on.")
    ] = None,
    hours: Annotated[
        float | None, typer.Option(min=0.01, max=24 * 365, help="Or so many hours back.")
    ] = None,
    files: Annotated[bool, typer.Option("--files", help="A line for each file, however many.")] = False,
    as_json: Json = False,
) -> None:
    """Tell one job's whole story: changes, attempts, webhooks and log lines of all functions, by time.

    Logs are read from the job's own time unless --since or --hours says otherwise.
    """
    if since and hours:
        raise typer.BadParameter("Give --since or --hours, not both.")
    start = since.replace(tzinfo=UTC) if since else None
    if hours:
        start = datetime.now(UTC) - timedelta(hours=hours)
    with told_in_words(as_json):
        telling.show(Question(stack, job_id, start), files, as_json)


@app.command()
def forget(
    user: Annotated[str, typer.Argument(metavar="USER", help="The `sub` of the user's tokens.")],
    *,
    stack: Stack,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete all that is kept of one user: jobs, results, keys, tickets, history. There is no way back.

    Take the user's access away first. Broken off, start it again: it finds what is left.
    """
    if not yes:
        sure(f"Delete everything of {user} in {stack}?")
    with told_in_words(as_json):
        sums = oblivion.forget(stack, user, lambda so_far: say(oblivion.in_words(so_far)))
        if as_json:
            return print_document(dict(sums))
        say(oblivion.ending(user, sums))
    return None


@app.command()
def redrive(
    *,
    stack: Stack,
    most: Annotated[int, typer.Option(min=1, max=1_000, help="Dead letters to take.")] = 100,
    as_json: Json = False,
) -> None:
    """Send parked dead letters round again: their jobs prepare anew what failed."""
    with told_in_words(as_json):
        fates = letters.redrive(stack, most)
        if as_json:
            return print_document(dict(fates))
        for line in letters.in_words(fates):
            typer.echo(line)
    return None
