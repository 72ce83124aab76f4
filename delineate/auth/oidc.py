"""An OpenID Connect issuer: where its endpoints are, tokens refreshed, a refresh token revoked."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from delineate.auth.grant import Grant, Issuer
from delineate.auth.issuer_http import ask, printable
from delineate.errors import SignInFailed

OK = 200


@dataclass(frozen=True)
class Provider:
    """An issuer by its discovery document."""

    issuer: Issuer
    token_endpoint: str
    device_authorization_endpoint: str | None
    revocation_endpoint: str | None


def discover(issuer: Issuer) -> Provider:
    """The issuer's endpoints. Raises `SignInFailed`, `Unreachable`."""
    status, told = ask("GET", f"{issuer.url.rstrip('/')}/.well-known/openid-configuration")
    if status != OK or not told.get("token_endpoint"):
        raise SignInFailed(f"{issuer.url} has no discovery document, so its sign-in cannot be found.")
    # Another's document would send tokens to another's endpoints (RFC 8414, section 3.3).
    if str(told.get("issuer", "")).rstrip("/") != issuer.url.rstrip("/"):
        raise SignInFailed(f"The discovery document of {issuer.url} is of another issuer.")
    return Provider(
        issuer,
        str(told["token_endpoint"]),
        told.get("device_authorization_endpoint"),
        told.get("revocation_endpoint"),
    )


def refresh(grant: Grant, now: float) -> Grant:
    """The next access token. Raises `SignInFailed` when the refresh token is taken no more."""
    form = {"grant_type": "refresh_token", "refresh_token": str(grant.refresh_token)}
    status, reply = token_reply(discover(grant.issuer), form)
    if status != OK:
        raise refusal(reply)
    return grant_of(grant.issuer, reply, grant.refresh_token, lambda: now)


def revoke(grant: Grant) -> None:
    """End the refresh token (RFC 7009), where the issuer offers that."""
    if endpoint := discover(grant.issuer).revocation_endpoint:
        form = {
            "token": str(grant.refresh_token),
            "token_type_hint": "refresh_token",
            "client_id": grant.issuer.client_id,
        }
        status, reply = ask("POST", endpoint, data=form)
        if status != OK:
            raise refusal(reply)


def token_reply(provider: Provider, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """What the token endpoint says to a form of this public client."""
    return ask("POST", provider.token_endpoint, data=form | {"client_id": provider.issuer.client_id})


def grant_of(
    issuer: Issuer,
    reply: dict[str, Any],
    refresh_token: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Grant:
    """The tokens in an answer of the token endpoint; not every issuer renews the refresh token."""
    renewed = reply.get("refresh_token") or refresh_token
    return Grant.issued(issuer, reply.get("access_token"), renewed, reply.get("expires_in"), clock())


def refusal(reply: dict[str, Any]) -> SignInFailed:
    """An OAuth error in words."""
    said = printable(reply.get("error_description") or reply.get("error") or "no reason given")
    return SignInFailed(f"The sign-in service refused: {said.rstrip('.')}.")
