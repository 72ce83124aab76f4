"""The request that a message goes back to, as attributes of the message."""

from collections.abc import Mapping
from typing import Any

from downloads.trace import Origin, Trace

REQUEST_ID = "requestId"
CORRELATION_ID = "correlationId"
TRACEPARENT = "traceparent"
DELAY = "delaySeconds"


def attributes_of(origin: Origin | None, delay_s: int = 0) -> dict[str, Any]:
    """What SendMessage takes besides the body: our own attributes, and the header that X-Ray looks for.

    A simulated delay is told as well: nothing in a delivery says how long its message was held back.
    """
    if origin is None:
        return {}
    told = {
        REQUEST_ID: origin.request_id,
        CORRELATION_ID: origin.correlation_id,
        TRACEPARENT: origin.trace.traceparent,
    }
    if delay_s:
        told[DELAY] = str(delay_s)
    return {
        "MessageAttributes": {name: _text(value) for name, value in told.items()},
        "MessageSystemAttributes": {"AWSTraceHeader": _text(origin.trace.xray)},
    }


def origin_of(record: Mapping[str, Any]) -> Origin | None:
    """What a record of an SQS event says; None of a message that somebody sent by hand."""
    told = _texts(record)
    trace = Trace.of_traceparent(told.get(TRACEPARENT, ""))
    if trace is None or not told.get(REQUEST_ID):
        return None
    return Origin(told[REQUEST_ID], told.get(CORRELATION_ID) or told[REQUEST_ID], trace)


def delay_of(record: Mapping[str, Any]) -> int:
    """Seconds for which a message was held back on purpose."""
    text = _texts(record).get(DELAY, "")
    return int(text) if text.isdecimal() else 0


def _texts(record: Mapping[str, Any]) -> dict[str, str]:
    attributes = record.get("messageAttributes", {})
    return {name: attribute.get("stringValue") or "" for name, attribute in attributes.items()}


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
