"""The token of each WebSocket connection of one watch, renewed when the service takes it no more."""

import time
from collections.abc import Callable

from delineate.auth.tokens import Tokens
from delineate.errors import SignInNeeded, Unreachable

RENEWAL_SECONDS = 30.0


class Admission:
    """Renews once in `RENEWAL_SECONDS`: a service that refuses a new token too is not stormed."""

    def __init__(self, tokens: Tokens | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._tokens = tokens
        self._clock = clock
        self._token: str | None = None
        self._last: float | None = None

    def token(self) -> str | None:
        """The token for the next connection. Raises as `Tokens.current` does."""
        self._token = self._tokens.current() if self._tokens else None
        return self._token

    def renewed(self) -> bool:
        """Whether it is worth connecting again, for there is another token now."""
        now = self._clock()
        lately = self._last is not None and now - self._last < RENEWAL_SECONDS
        if lately or not self._tokens or not self._token:
            return False
        self._last = now
        try:
            return self._tokens.renewed(self._token) is not None
        except (SignInNeeded, Unreachable):
            return False
