"""Who makes an HTTP call: what the API's own JWT authorizer verified, never what the client says."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from downloads import wiring
from downloads.account_settings import AccountSettings
from downloads.caller import ANONYMOUS, Caller, owner_of
from downloads.errors import NotSignedInError


def caller_of(event: Mapping[str, Any], config: AccountSettings) -> Caller:
    """The caller of an HTTP API's event (payload format 2.0).

    Raises NotSignedInError when nobody signed in though the stage asks for it: also for a route that was
    left without its authorizer.
    """
    address = address_of(event)
    if config.anonymous:
        return Caller(ANONYMOUS, address)
    claims = event["requestContext"].get("authorizer", {}).get("jwt", {}).get("claims", {})
    return _caller(claims, address)


def address_of(event: Mapping[str, Any]) -> str:
    """The address that API Gateway saw: a header such as X-Forwarded-For is the client's own to set."""
    return str(event["requestContext"]["http"]["sourceIp"])


def account_of(event: Mapping[str, Any]) -> str:
    """What limits count by: the caller, or the address of one who has not signed in."""
    try:
        return caller_of(event, wiring.settings(AccountSettings)).account
    except NotSignedInError:
        return Caller(ANONYMOUS, address_of(event)).account


def owner_in(event: Mapping[str, Any]) -> str:
    """Whose a request is; one that nobody signed, or that signs in by itself later on, is nobody's."""
    try:
        return caller_of(event, wiring.settings(AccountSettings)).owner
    except NotSignedInError:
        return ANONYMOUS


def _caller(claims: Mapping[str, str], address: str) -> Caller:
    if not claims.get("sub"):
        raise NotSignedInError("there is no verified token")
    # Cognito's ID tokens are for the client to read, and pass the authorizer as well.
    if claims.get("token_use", "access") != "access":
        raise NotSignedInError("this is no access token")
    return Caller(owner_of(claims["sub"]), address, _end(claims), claims)


def _end(claims: Mapping[str, str]) -> datetime:
    try:
        return datetime.fromtimestamp(float(claims.get("exp", "")), UTC)
    except (ValueError, OverflowError) as error:
        raise NotSignedInError("the token says no end") from error
