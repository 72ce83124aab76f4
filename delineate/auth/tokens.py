"""The access token for one service: from the environment or the kept sign-in, refreshed when it is time."""

import inspect
import os
import threading
import time
from collections.abc import Callable, Mapping
from typing import Protocol

import httpx

from delineate.auth import issuers
from delineate.auth.credentials import Credentials, usual_path
from delineate.auth.grant import Grant, checked_token
from delineate.errors import SignInFailed, SignInNeeded, Unreachable

TOKEN_VARIABLE = "DELINEATE_TOKEN"  # noqa: S105 # a variable's name


class Tokens(Protocol):
    """Where access tokens come from. Shared by threads."""

    def current(self) -> str | None:
        """The token to send now; None when nobody has signed in."""

    def renewed(self, refused: str) -> str | None:
        """Another token, for the service took `refused` no more; None when there is none to be had."""


class GivenToken:
    """A token that somebody else looks after: it is never kept and never refreshed."""

    def __init__(self, token: str, whose: str = TOKEN_VARIABLE) -> None:
        self._whose = whose
        self._token = checked_token(token.strip(), whose)

    def current(self) -> str | None:
        """See `Tokens`."""
        return self._token

    def renewed(self, refused: str) -> str | None:  # noqa: ARG002 # the name stands in `Tokens`
        """See `Tokens`. Raises `SignInNeeded`: a sign-in would not help, for this token wins over it."""
        raise SignInNeeded(f"The service does not take the token in {self._whose}: has it ended?")


class Forceable(Protocol):
    """A function that returns an access token: a new one, not one that it has kept, when `force` is true."""

    def __call__(self, *, force: bool) -> str:
        """The token to send now."""


Token = str | Callable[[], str] | Forceable | None


class CalledTokens:
    """Tokens of a program that knows how to get one: it is asked before every call, and after a refusal.

    Calls that are refused together have one new token fetched for all of them.
    """

    def __init__(self, token: Callable[[], str] | Forceable) -> None:
        self._token: Callable[..., str] = token
        self._forceable = "force" in inspect.signature(token).parameters
        self._lock = threading.Lock()

    def current(self) -> str | None:
        """See `Tokens`."""
        return self._asked(force=False)

    def renewed(self, refused: str) -> str | None:
        """See `Tokens`."""
        with self._lock:
            token = self._asked(force=False)
            if token == refused and self._forceable:
                token = self._asked(force=True)
        return token if token != refused else None

    def _asked(self, *, force: bool) -> str:
        token = self._token(force=force) if self._forceable else self._token()
        return checked_token(token.strip(), "What the token function returned")


class KeptTokens:
    """The tokens of a sign-in that is kept in a file, which other processes may refresh too."""

    def __init__(self, api: str, credentials: Credentials, clock: Callable[[], float] = time.time) -> None:
        self._api = api
        self._credentials = credentials
        self._clock = clock
        self._lock = threading.Lock()
        self._grant: Grant | None = None

    def current(self) -> str | None:
        """See `Tokens`. Raises `CredentialsFault`, and `Unreachable` when an ended token needs the issuer."""
        with self._lock:
            self._grant = self._grant or self._credentials.grant(self._api)
            if self._grant and self._grant.due(self._clock()):
                self._grant = self._on_time(self._grant)
            live = self._grant and not self._grant.expired(self._clock())
            return self._grant.access_token if live and self._grant else None

    def renewed(self, refused: str) -> str | None:
        """See `Tokens`."""
        with self._lock:
            if self._grant and self._grant.access_token == refused:
                try:
                    self._grant = self._next(self._grant)
                except SignInFailed:
                    return None
            token = self._grant.access_token if self._grant else None
            return token if token != refused else None

    def _on_time(self, grant: Grant) -> Grant:
        """The next grant, or this one for as long as it lasts."""
        try:
            return self._next(grant)
        except SignInFailed:
            return grant
        except Unreachable:
            if grant.expired(self._clock()):
                raise
            return grant

    def _next(self, grant: Grant) -> Grant:
        """What another process got meanwhile, or what the issuer gives for the refresh token.

        The lock is held while the issuer is asked: a refresh token may be good for one use only.
        """
        with self._credentials.locked():
            kept = self._credentials.grant(self._api)
            if kept is None or kept.access_token != grant.access_token:
                return kept or grant
            if kept.refresh_token is None:
                return kept
            fresh = issuers.refresh(kept, self._clock())
            self._credentials.keep(self._api, fresh)
            return fresh


def tokens_for(api_url: str, environ: Mapping[str, str] = os.environ) -> Tokens:
    """Tokens for the service at `api_url`: those of `DELINEATE_TOKEN`, else of `delineate login`."""
    if given := environ.get(TOKEN_VARIABLE, "").strip():
        return GivenToken(given)
    return KeptTokens(key_of(api_url), Credentials(usual_path(environ)))


def alive_tokens(api_url: str, environ: Mapping[str, str] = os.environ) -> Tokens | None:
    """The same, but never refreshed: only a token that is good now. Raises `CredentialsFault`."""
    if given := environ.get(TOKEN_VARIABLE, "").strip():
        return GivenToken(given)
    grant = Credentials(usual_path(environ)).grant(key_of(api_url))
    return GivenToken(grant.access_token) if grant and not grant.expired(time.time()) else None


def tokens_of(api_url: str, token: Token) -> Tokens:
    """Tokens as a program gives them; None stands for what `tokens_for` finds."""
    if token is None:
        return tokens_for(api_url)
    return GivenToken(token, "`token`") if isinstance(token, str) else CalledTokens(token)


def key_of(api_url: str) -> str:
    """The name under which a service's sign-in is kept: its address in one spelling."""
    return str(httpx.URL(api_url)).rstrip("/")
