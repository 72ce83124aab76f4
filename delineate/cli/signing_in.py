"""Signing in by the way that the service names, signing out, and the token in between."""

import os
from collections.abc import Callable

import typer

from delineate.api import Api
from delineate.auth import cognito, device_flow, issuers, oidc
from delineate.auth.credentials import Credentials, usual_path
from delineate.auth.grant import Grant, Issuer
from delineate.auth.person import Person
from delineate.auth.secrecy import require_private
from delineate.auth.tokens import TOKEN_VARIABLE, key_of, tokens_for
from delineate.cli.ending import say
from delineate.contracts import SignIn
from delineate.errors import SignInFailed, SignInNeeded, Unreachable

INCOMPLETE = "The service says how to sign in, but not completely: tell whoever runs it."


def sign_in(api_url: str, username: str | None, password: str | None, person: Person) -> None:
    """Sign in to the service and keep the tokens. Raises `SignInFailed`, `Unreachable`, `ServiceError`."""
    # Who could change the answer on the way could send the password elsewhere.
    require_private(api_url)
    with Api(api_url) as api:
        how = api.entry().auth
    if how.mode == "none":
        return typer.echo(f"{api_url} asks for no sign-in.")
    credentials = Credentials(usual_path())
    # A file that cannot be used is told before anything is typed, not after.
    credentials.grant(key_of(api_url))
    grant = _way(how)(how, username, password, person)
    with credentials.locked():
        credentials.keep(key_of(api_url), grant)
    typer.echo(f"Signed in to {api_url}.")
    return _remind()


def sign_out(api_url: str) -> None:
    """Forget the sign-in, here and, where the issuer can, there."""
    credentials = Credentials(usual_path())
    with credentials.locked():
        grant = credentials.forget(key_of(api_url))
    if grant is None:
        typer.echo(f"Nobody was signed in to {api_url}.")
    else:
        _revoke(grant)
        typer.echo(f"Signed out of {api_url}.")
    _remind()


def show_token(api_url: str) -> None:
    """Print an access token that is good now; none where none is asked for. Raises `SignInNeeded`."""
    if token := tokens_for(api_url).current():
        return typer.echo(token)
    with Api(api_url) as api:
        if api.entry().auth.mode != "none":
            raise SignInNeeded
    return say(f"{api_url} asks for no sign-in: there is no token to send.")


def _way(how: SignIn) -> Callable[[SignIn, str | None, str | None, Person], Grant]:
    ways = {"cognito": _by_cognito, "oidc": _by_device}
    if how.mode not in ways:
        raise SignInFailed(f"The service signs in by {how.mode!r}, which this client does not know.")
    return ways[how.mode]


def _by_cognito(how: SignIn, username: str | None, password: str | None, person: Person) -> Grant:
    if not how.endpoint or not how.clientId:
        raise SignInFailed(INCOMPLETE)
    issuer = Issuer(mode="cognito", url=how.endpoint, client_id=how.clientId)
    require_private(issuer.url)
    user = username or person.ask("User name")
    return cognito.sign_in(issuer, user, password or person.ask_secret(f"Password of {user}"), person)


def _by_device(how: SignIn, _username: str | None, _password: str | None, person: Person) -> Grant:
    if not how.issuer:
        raise SignInFailed(INCOMPLETE)
    provider = oidc.discover(Issuer(mode="oidc", url=how.issuer, client_id=how.clientId or ""))
    if not how.clientId or not provider.device_authorization_endpoint:
        raise SignInFailed(
            f"{how.issuer} offers this client no sign-in: set {TOKEN_VARIABLE} to an access token from there."
        )
    return device_flow.sign_in(provider, person)


def _revoke(grant: Grant) -> None:
    try:
        issuers.revoke(grant)
    except (SignInFailed, Unreachable) as fault:
        say(f"Forgotten here, but not revoked: {fault}", bad=True)


def _remind() -> None:
    if os.environ.get(TOKEN_VARIABLE, "").strip():
        say(f"{TOKEN_VARIABLE} is set, and wins over any sign-in.")
