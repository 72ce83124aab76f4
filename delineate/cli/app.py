"""The command line: `delineate get`, `start`, `watch`, `jobs`, `status`, `links`, `login`, `admin`, …"""

from typing import Annotated

import typer

from delineate import __version__
from delineate.cli import login, looking, ordering
from delineate.cli.ending import EXIT_CODES, say
from delineate.cli.usage import OneLine
from delineate.cli.variables import misspelt
from delineate.operator import commands as operators

app = typer.Typer(
    cls=OneLine,
    help="Have files prepared by the download service and bring them here.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for part in (ordering, looking, login):
    app.add_typer(part.commands)
app.add_typer(operators.app, name="admin")


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
    for name, meant in misspelt():
        say(f"delineate: the variable {name} means nothing here; is {meant} meant?")
