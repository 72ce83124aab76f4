"""The HTTP edge that all API functions share: request ids, standard headers, one shape for every error."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from downloads import faults, metrics, wiring
from downloads.account_settings import AccountSettings
from downloads.contracts.base import ErrorBody, ErrorDetail, ErrorReply, Reply
from downloads.requests import REQUEST_ID, endpoint_of, method_of, origin_of
from downloads.settings import runtime_trace
from downloads.signed_in import account_of, owner_in
from downloads.telemetry import about, bind_request, drawn, known, logger, meter

JSON = "application/json"
RATE_LIMIT = "ratelimit-limit"
MAX_BODY_BYTES = 262_144
STANDARD_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "referrer-policy": "no-referrer",
    # Replies hold presigned URLs: no cache on the way may keep them.
    "cache-control": "no-store",
    # Nothing here is a page, but for the documentation, which has a policy of its own.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}

Event = dict[str, Any]


class Refusal(Exception):  # noqa: N818 # it is an answer, not a fault
    """An answer other than the one asked for: status, stable code, and a sentence."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        details: Sequence[ErrorDetail] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = ErrorBody(code=code, message=message, details=list(details) or None)


def invalid(details: Sequence[ErrorDetail]) -> Refusal:
    """What is answered to a request that is not as the OpenAPI document has it."""
    message = "The request does not fit the contract; see details and /openapi.json."
    return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "INVALID_REQUEST", message, details)


def reply(
    body: Reply, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> Response[str]:
    """A JSON answer."""
    return Response(status, content_type=JSON, body=body.json(), headers=dict(headers or {}))


def refuse(app: APIGatewayHttpResolver, refusal: Refusal) -> Response[str]:
    body = ErrorReply(error=refusal.body, requestId=app.context["request_id"])
    return Response(refusal.status, content_type=JSON, body=body.json(), headers=refusal.headers)


def respond(app: APIGatewayHttpResolver, event: Event, context: LambdaContext) -> Event:
    """Answers one request of an HTTP API (payload format 2.0)."""
    started = time.perf_counter()
    origin, owner = origin_of(event, runtime_trace(), drawn=drawn()), owner_in(event)
    bind_request(origin, owner)
    faults.about(faults.Run(endpoint=endpoint_of(event), origin=origin, owner=owner))
    app.append_context(request_id=origin.request_id)
    # Older clients send JSON under any content type, or none.
    event["headers"] = {**event.get("headers", {}), "content-type": JSON}
    size = _size(event)
    too_large = size > MAX_BODY_BYTES
    answer = _too_large(origin.request_id) if too_large else app.resolve(event, context)
    if RATE_LIMIT not in answer["headers"]:
        # A route may know better who calls than the gateway does.
        answer["headers"] |= rate_headers(account_of(event))
    answer["headers"] = {**STANDARD_HEADERS, **answer["headers"], REQUEST_ID: origin.request_id}
    _count(event, answer, size, time.perf_counter() - started)
    return answer


def _count(event: Event, answer: Event, size: int, seconds: float) -> None:
    """One line and one count a request, by its route."""
    request: dict[str, str] = {"method": method_of(event), "endpoint": endpoint_of(event)}
    status = int(answer["statusCode"])
    meter().add(metrics.REQUESTS, 1, **request, status=str(status))
    meter().add(metrics.REQUEST_SECONDS, seconds, **request)
    meter().add(metrics.REQUEST_BYTES, size)
    meter().add(metrics.RESPONSE_BYTES, len((answer.get("body") or "").encode()))
    told: dict[str, Any] = {**request, "status": status, "durationMs": round(seconds * 1000)}
    logger().info("request", extra=told | _about_job(event))


def rate_headers(account: str) -> dict[str, str]:
    """What is left of the caller's rate, named as in the IETF's draft-ietf-httpapi-ratelimit-headers-07."""
    try:
        standing = wiring.allowances(wiring.settings(AccountSettings)).standing(account, datetime.now(UTC))
    except Exception:  # noqa: BLE001 # the answer itself matters more than what it says of the next one
        logger().exception("no rate limit headers")
        return {}
    return {
        RATE_LIMIT: str(standing.limit),
        "ratelimit-remaining": str(standing.remaining),
        "ratelimit-reset": str(standing.reset_s),
    }


def _about_job(event: Event) -> dict[str, Any]:
    """Of the caller's job that the address names: its id, and by what the request that started it is found.

    What is no job, or another's, is not named: its id is whatever somebody made up.
    """
    job_id = str((event.get("pathParameters") or {}).get("jobId"))
    return about(job_id) if known(job_id) else {}


def _size(event: Event) -> int:
    """Bytes that the caller sent: what comes under a type that is no text is in base64, a third longer."""
    body = event.get("body") or ""
    return len(body) * 3 // 4 - body[-2:].count("=") if event.get("isBase64Encoded") else len(body.encode())


def _too_large(request_id: str) -> Event:
    error = ErrorBody(code="BODY_TOO_LARGE", message=f"A body takes at most {MAX_BODY_BYTES} bytes.")
    body = ErrorReply(error=error, requestId=request_id).json()
    return {"statusCode": HTTPStatus.BAD_REQUEST.value, "headers": {"Content-Type": JSON}, "body": body}
