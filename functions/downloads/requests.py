"""What every HTTP request is known by: its ids and its trace, taken from its headers or made up."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from downloads.trace import Origin, Trace

REQUEST_ID = "x-request-id"
CORRELATION_ID = "x-correlation-id"
TRACEPARENT = "traceparent"
XRAY = "x-amzn-trace-id"
LONGEST_ID = 128
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def origin_of(event: Mapping[str, Any], runtime_trace: str = "", *, drawn: bool = True) -> Origin:
    """Where the work of a request goes back to.

    Ids are the caller's when they are sane (printable ASCII, at most 128 characters), else new ones; a
    request without a correlation id is its own. The trace is that of ``runtime_trace`` (X-Ray's, of the
    function's own segment), of ``traceparent``, of API Gateway's ``X-Amzn-Trace-Id``, or a new one;
    ``drawn`` says whether it may be told of: what a caller asks for is no more than that.
    """
    headers = event.get("headers", {})
    request_id = _sane(headers.get(REQUEST_ID, "")) or str(uuid4())
    correlation_id = _sane(headers.get(CORRELATION_ID, "")) or request_id
    trace = (
        Trace.of_xray(runtime_trace)
        or _of_caller(headers.get(TRACEPARENT, ""), drawn)
        or Trace.of_xray(headers.get(XRAY, ""), undecided=drawn)
        or Trace.begun(sampled=drawn)
    )
    return Origin(request_id, correlation_id, trace)


def method_of(event: Mapping[str, Any]) -> str:
    """The method, if it is one of HTTP's: a caller may invent any, and each would be counted apart."""
    method = str(event["requestContext"]["http"]["method"])
    return method if method in METHODS else "OTHER"


def endpoint_of(event: Mapping[str, Any]) -> str:
    """The route's template, never the path: ``/v1/download/{jobId}``, or ``$default`` for what has none."""
    return str(event.get("routeKey", "$default")).rpartition(" ")[2]


def _of_caller(text: str, drawn: bool) -> Trace | None:
    given = Trace.of_traceparent(text)
    return replace(given, sampled=given.sampled and drawn) if given else None


def _sane(given: str) -> str | None:
    sane = given.isascii() and given.isprintable() and len(given) <= LONGEST_ID
    return given if given.strip() and sane else None
