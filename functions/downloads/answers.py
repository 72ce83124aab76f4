"""What each route may answer, for the OpenAPI document."""

from http import HTTPStatus
from types import UnionType
from typing import Any

from downloads.contracts.base import ErrorReply, GatewayReply, Reply

Answers = dict[int, Any]

COMMON = {
    HTTPStatus.UNPROCESSABLE_ENTITY: "The request does not fit the contract",
    HTTPStatus.SERVICE_UNAVAILABLE: "A dependency does not answer; Retry-After says when to try again",
    HTTPStatus.INTERNAL_SERVER_ERROR: "A fault of this service; it is logged under the requestId",
}
INVALID = {
    HTTPStatus.BAD_REQUEST: "The body is too large or no JSON",
}
NOT_SIGNED_IN = "No access token that holds: said by API Gateway in its own shape, or by the function in ours"
TOO_MANY = {
    HTTPStatus.TOO_MANY_REQUESTS: "Too many jobs were started or are open; Retry-After says when to try again"
}
NO_SUCH_JOB = {HTTPStatus.NOT_FOUND: "No such job of yours, or it has expired"}


def answers(good: dict[HTTPStatus, tuple[type[Reply], str]], **bad: dict[HTTPStatus, str]) -> Answers:
    """Good answers with their model, and refusals, which all have one shape."""
    refusals = {status: why for group in (*bad.values(), COMMON) for status, why in group.items()}
    described = {status.value: _described(why, model) for status, (model, why) in good.items()}
    described |= {status.value: _described(why, ErrorReply) for status, why in refusals.items()}
    return described | {HTTPStatus.UNAUTHORIZED.value: _described(NOT_SIGNED_IN, GatewayReply | ErrorReply)}


def _described(why: str, model: type[Reply] | UnionType) -> dict[str, Any]:
    return {"description": why, "content": {"application/json": {"model": model}}}
