"""One HTTP exchange with the service: sent, tried again where that is safe, its errors made types."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx

from delineate import __version__
from delineate.backoff import pauses, retry_after
from delineate.errors import (
    BadRequest,
    Conflict,
    NotFound,
    RateLimited,
    ServiceError,
    SignInNeeded,
    Unreachable,
)
from delineate.network import Network

ATTEMPTS = 5
LONGEST_ASKED_PAUSE_SECONDS = 60.0
# Turned away at the door: nothing was done. A 503 does not say so: a gateway answers it for whatever is slow.
TURNED_AWAY = frozenset({429})
UNAUTHENTICATED = 401
SERVER_TROUBLE = frozenset({500, 502, 503, 504})
KINDS: dict[int, type[ServiceError]] = {
    400: BadRequest,
    404: NotFound,
    409: Conflict,
    422: BadRequest,
    429: RateLimited,
}
# The request had not been sent yet.
BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def connect(
    base_url: str, auth: httpx.Auth | None = None, network: Network | None = None, **traits: Any
) -> httpx.Client:
    """A client of the service at `base_url`, its connections kept open until it is closed."""
    headers = {"user-agent": f"delineate/{__version__}", "accept": "application/json"}
    return (network or Network()).client(base_url=base_url, headers=headers, auth=auth, **traits)


def send(
    client: httpx.Client, request: httpx.Request, sleep: Callable[[float], object] = time.sleep
) -> httpx.Response:
    """The answer to `request`, after up to `ATTEMPTS` tries with growing pauses.

    A POST is sent again only when it surely was not carried out: there was no connection to send it on, or
    it was turned away with 429. Any other fault, 503 and a lost answer among them, may have come after the
    work was done; a service that knows `Idempotency-Key` would answer the same again, an older one would
    do it twice. Raises `Unreachable` when no answer comes, `ServiceError` for an error reply.
    """
    waits = pauses()
    for attempt in range(1, ATTEMPTS + 1):
        last = attempt == ATTEMPTS
        try:
            response = client.send(request)
        except httpx.TransportError as fault:
            if last or not _may_repeat(request, fault):
                raise Unreachable(
                    f"The service at {request.url.netloc.decode()} {_in_words(fault)}."
                ) from fault
            sleep(next(waits))
            continue
        if response.is_success or last or not _worth_repeating(request, response):
            break
        sleep(_pause(response, waits))
    if not response.is_success:
        raise error_of(response)
    return response


def _may_repeat(request: httpx.Request, fault: httpx.TransportError) -> bool:
    return request.method != "POST" or isinstance(fault, BEFORE_SENDING)


def _worth_repeating(request: httpx.Request, response: httpx.Response) -> bool:
    if (retry_after(response.headers.get("retry-after")) or 0) > LONGEST_ASKED_PAUSE_SECONDS:
        # To ask earlier would be in vain, to wait so long unkind: the person is told instead.
        return response.status_code in SERVER_TROUBLE and request.method != "POST"
    if request.method == "POST":
        return response.status_code in TURNED_AWAY
    return response.status_code in TURNED_AWAY | SERVER_TROUBLE


def _pause(response: httpx.Response, waits: Iterator[float]) -> float:
    own = next(waits)
    return min(retry_after(response.headers.get("retry-after")) or own, LONGEST_ASKED_PAUSE_SECONDS)


def _in_words(fault: httpx.TransportError) -> str:
    if isinstance(fault, httpx.TimeoutException):
        return "did not answer in time"
    if isinstance(fault, httpx.ConnectError):
        why = str(fault).partition("] ")[2] if str(fault).startswith("[Errno") else str(fault)
        return f"cannot be reached ({why or 'no connection'})"
    return "broke off in mid-answer"


def error_of(response: httpx.Response) -> ServiceError:
    """The error that a reply tells of; a gateway's own page, which has no code, is `HTTP_<status>`."""
    request_id = response.headers.get("x-request-id")
    if response.status_code == UNAUTHENTICATED:
        # Whether the gateway said it in its own words or a function in ours.
        return SignInNeeded(request_id=request_id)
    kind, body = KINDS.get(response.status_code, ServiceError), json_object(response)
    # A 503 that outlasted the retries says nothing of when it ends; a limit does.
    pause = retry_after(response.headers.get("retry-after")) if response.status_code in TURNED_AWAY else None
    error = body.get("error")
    if isinstance(error, dict) and "code" in error:
        message = _message(str(error.get("message") or error["code"]).rstrip("."), error.get("details"))
        asked = str(body["requestId"]) if body.get("requestId") else request_id
        return kind(str(error["code"]), _line(message), response.status_code, asked, pause)
    message = f"The service answered {response.status_code} {response.reason_phrase}".rstrip()
    return kind(f"HTTP_{response.status_code}", message, response.status_code, request_id, pause)


def json_object(response: httpx.Response) -> dict[str, Any]:
    """The object that a reply holds; empty for any other body."""
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _message(told: str, details: object) -> str:
    """The message with the first of its details, unless they say the same."""
    listed = details[:3] if isinstance(details, list) else []
    said = [_detail(one) if isinstance(one, dict) else str(one) for one in listed]
    more = [one for one in said if one.rstrip(".") != told]
    return f"{told}: {'; '.join(more)}" if more else told


def _detail(told: dict[str, Any]) -> str:
    """A field that the service names by its place (`body.callback_url`) is told with what is wrong of it."""
    _place, _, field = str(told.get("field") or "").partition(".")
    message = str(told.get("message") or told.get("msg") or told)
    return f"{field}: {message}" if field else message


def _line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
