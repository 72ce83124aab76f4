"""Says on every call who asks, to the service and to nobody else."""

from collections.abc import Generator

import httpx

from delineate.auth.secrecy import require_private, same_origin
from delineate.auth.tokens import Tokens

UNAUTHENTICATED = 401


class Bearer(httpx.Auth):
    """Puts the access token on calls of the service at `api_url`; one 401 gets it renewed."""

    def __init__(self, tokens: Tokens, api_url: str) -> None:
        self._tokens = tokens
        self._api_url = api_url

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Raises `SignInFailed` rather than sending a token where others could read it."""
        token = self._tokens.current() if same_origin(str(request.url), self._api_url) else None
        if token is None:
            yield request
            return
        require_private(self._api_url)
        request.headers["authorization"] = f"Bearer {token}"
        response = yield request
        if response.status_code == UNAUTHENTICATED and (fresh := self._tokens.renewed(token)):
            request.headers["authorization"] = f"Bearer {fresh}"
            yield request
