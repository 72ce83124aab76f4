"""Signing in by a browser anywhere: the OAuth 2.0 device authorization grant (RFC 8628)."""

import time
from collections.abc import Callable
from typing import Any

from delineate import words
from delineate.auth.grant import Grant
from delineate.auth.issuer_http import ask, printable
from delineate.auth.oidc import OK, Provider, grant_of, refusal, token_reply
from delineate.auth.person import Person
from delineate.errors import SignInFailed, Unreachable

GRANT_TYPE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPE = "openid offline_access"
USUAL_INTERVAL_SECONDS = 5.0
SLOWER_SECONDS = 5.0
USUAL_LIFETIME_SECONDS = 600.0
TOO_LATE = "The code has expired before anyone confirmed it: run `delineate login` again."
ENDS = {"access_denied": "The sign-in was declined in the browser.", "expired_token": TOO_LATE}


def sign_in(
    provider: Provider,
    person: Person,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.time,
) -> Grant:
    """Tokens for whoever confirms the code in a browser. Raises `SignInFailed`, `Unreachable`."""
    started = _start(provider)
    _tell(started, person)
    form = {"grant_type": GRANT_TYPE, "device_code": str(started["device_code"])}
    interval = _seconds(started.get("interval"), USUAL_INTERVAL_SECONDS)
    until = clock() + _seconds(started.get("expires_in"), USUAL_LIFETIME_SECONDS)
    while clock() < until:
        sleep(interval)
        reply, slower = _asked(provider, form)
        if reply is not None:
            return grant_of(provider.issuer, reply, clock=clock)
        interval += slower
    raise SignInFailed(TOO_LATE)


def _start(provider: Provider) -> dict[str, Any]:
    form = {"client_id": provider.issuer.client_id, "scope": SCOPE}
    status, started = ask("POST", str(provider.device_authorization_endpoint), data=form)
    if status != OK:
        raise refusal(started)
    if not all(started.get(name) for name in ("device_code", "user_code", "verification_uri")):
        raise SignInFailed("The sign-in service started no sign-in: its answer lacks the code.")
    return started


def _tell(started: dict[str, Any], person: Person) -> None:
    person.tell(f"Open {printable(started['verification_uri'])} and enter {printable(started['user_code'])}")
    if complete := started.get("verification_uri_complete"):
        person.tell(f"  or open {printable(complete)}")
    lifetime = _seconds(started.get("expires_in"), USUAL_LIFETIME_SECONDS)
    person.tell(f"Waiting for you there, {words.span(lifetime)} at most …")


def _asked(provider: Provider, form: dict[str, str]) -> tuple[dict[str, Any] | None, float]:
    """The tokens if there are any yet, and how much slower to ask from now on."""
    try:
        status, reply = token_reply(provider, form)
    except Unreachable:
        # RFC 8628, section 3.5: a lost answer is a reason to slow down, not to give up.
        return None, SLOWER_SECONDS
    if status == OK:
        return reply, 0
    code = reply.get("error")
    if code == "authorization_pending":
        return None, 0
    if code == "slow_down":
        return None, SLOWER_SECONDS
    raise SignInFailed(ENDS[code]) if code in ENDS else refusal(reply)


def _seconds(told: object, otherwise: float) -> float:
    return float(told) if isinstance(told, int | float) and told > 0 else otherwise
