"""The commands `login`, `logout` and `token`."""

from typing import Annotated

import typer

from delineate.cli import signing_in
from delineate.cli.ending import told_in_words
from delineate.cli.options import ApiUrl
from delineate.cli.terminal import AtTerminal, OnStdin, first_line

EXIT_CODES = "Exit codes: 0 signed in; 2 wrong usage; 3 the sign-in was refused; 130 stopped by Ctrl-C."

commands = typer.Typer()


@commands.command(short_help="Sign in to the service.", epilog=EXIT_CODES)
def login(
    *,
    api: ApiUrl,
    username: Annotated[
        str | None,
        typer.Option(envvar="DELINEATE_USERNAME", metavar="NAME", help="Asked for when it is not given."),
    ] = None,
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help="Read the password from stdin, for scripts; a new one, if due, from the next line.",
        ),
    ] = False,
) -> None:
    """Sign in to the service, in the way it says; the other commands then know who asks.

    The tokens are kept in a file that only you can read and are refreshed when it is time. A token in
    DELINEATE_TOKEN wins over them.
    """
    with told_in_words(as_json=False):
        if password_stdin:
            signing_in.sign_in(api, username, first_line(), OnStdin())
        else:
            signing_in.sign_in(api, username, None, AtTerminal())


@commands.command(short_help="Sign out of the service.")
def logout(api: ApiUrl) -> None:
    """Forget the sign-in, and have it revoked where that can be done."""
    with told_in_words(as_json=False):
        signing_in.sign_out(api)


@commands.command(short_help="Print an access token, for curl.")
def token(api: ApiUrl) -> None:
    """Print an access token, for curl -H "Authorization: Bearer $(delineate token)"."""
    with told_in_words(as_json=False):
        signing_in.show_token(api)
