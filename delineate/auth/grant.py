"""What a sign-in yields: an access token, how long it lasts, and how to get the next one."""

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from delineate.errors import SignInFailed

# RFC 6750: what may stand behind "Bearer".
BEARER = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
REFRESHED_BEFORE_SECONDS = 60.0


class Issuer(BaseModel):
    """Who issued a token: `url` is Cognito's API endpoint, or the issuer's own address."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    mode: Literal["cognito", "oidc"]
    url: str
    client_id: str


class Grant(BaseModel):
    """Tokens as they are kept; times are seconds since the epoch by this machine's clock."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    issuer: Issuer
    access_token: str = Field(repr=False)
    refresh_token: str | None = Field(default=None, repr=False)
    refresh_at: float | None = None
    expires_at: float | None = None

    @classmethod
    def issued(cls, issuer: Issuer, access: object, refresh: object, lifetime: object, now: float) -> "Grant":
        """A grant from an issuer's answer; a token of less than two minutes is refreshed at half its life."""
        seconds = float(lifetime) if isinstance(lifetime, int | float) else None
        return cls(
            issuer=issuer,
            access_token=checked_token(access, "What the sign-in service issued"),
            refresh_token=refresh if isinstance(refresh, str) and refresh else None,
            refresh_at=None
            if seconds is None
            else now + max(seconds - REFRESHED_BEFORE_SECONDS, seconds / 2),
            expires_at=None if seconds is None else now + seconds,
        )

    def due(self, now: float) -> bool:
        """Whether it is time for the next access token."""
        return self.refresh_at is not None and now >= self.refresh_at

    def expired(self, now: float) -> bool:
        """Whether the access token is surely of no use any more."""
        return self.expires_at is not None and now >= self.expires_at


def checked_token(token: object, whose: str) -> str:
    """The token, if it can stand in a header; the error names where it came from and never what it is."""
    if isinstance(token, str) and BEARER.fullmatch(token):
        return token
    raise SignInFailed(f"{whose} is not a token.")
