"""One exchange with whoever issues tokens; what is sent there is secret, so it goes nowhere else."""

from typing import Any

import httpx

from delineate import __version__
from delineate.auth.secrecy import require_private
from delineate.errors import Unreachable
from delineate.transport import json_object

TIMEOUT = httpx.Timeout(20.0, connect=10.0)
BUSY = 429
SERVER_TROUBLE = 500


def ask(method: str, url: str, **request: Any) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer, empty when it is none; redirects are not followed.

    Raises `SignInFailed` when `url` is not safe for secrets, `Unreachable` when no usable answer comes.
    """
    require_private(url)
    headers = {"user-agent": f"delineate/{__version__}", "accept": "application/json"}
    headers |= request.pop("headers", {})
    try:
        with httpx.Client(timeout=TIMEOUT) as client:
            response = client.request(method, url, headers=headers, **request)
    except (httpx.TransportError, httpx.InvalidURL) as fault:
        raise Unreachable(f"The sign-in service at {url} cannot be reached.") from fault
    if response.status_code >= SERVER_TROUBLE or response.status_code == BUSY:
        raise Unreachable(f"The sign-in service at {url} is busy ({response.status_code}): try again later.")
    return response.status_code, json_object(response)


def printable(text: object) -> str:
    """Text of another machine as one line that is safe on a terminal."""
    return "".join(c if c.isprintable() else " " for c in str(text))
