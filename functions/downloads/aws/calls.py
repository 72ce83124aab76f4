"""Every call that a client makes, seen by botocore's own events ("Extensibility guide" of boto3)."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from downloads.observed import Call

TIMEOUT = "timeout"
STARTED = "downloads_started"
CONFLICT = "TransactionConflict"
CONFLICTS = {f"{CONFLICT}Exception", "TransactionInProgressException"}


def watch(client: Any, tell: Callable[[Call], None]) -> None:
    """Tells of each call of a client as it ends, in the thread that made it."""
    service = client.meta.service_model.service_id.hyphenize()
    events = client.meta.events

    def begin(context: dict[str, Any], **_: Any) -> None:
        context[STARTED] = time.perf_counter()

    def answered(
        http_response: Any, parsed: Mapping[str, Any], model: Any, context: Mapping[str, Any], **_: Any
    ) -> None:
        tell(_answered(service, model.name, _seconds(context), http_response, parsed))

    def failed(exception: Exception, context: Mapping[str, Any], event_name: str, **_: Any) -> None:
        # The name of the event is that of the call: after-call-error.s3.HeadObject.
        operation = event_name.rsplit(".", 1)[-1]
        tell(Call(service, operation, _seconds(context), None, _name_of(exception)))

    events.register(f"before-call.{service}", begin)
    events.register(f"after-call.{service}", answered)
    events.register(f"after-call-error.{service}", failed)


def _answered(
    service: str, operation: str, seconds: float, http_response: Any, parsed: Mapping[str, Any]
) -> Call:
    reasons = [reason.get("Code") for reason in parsed.get("CancellationReasons", ())]
    error = parsed.get("Error", {}).get("Code")
    return Call(
        service,
        operation,
        seconds,
        http_response.status_code,
        error,
        # A streamed body is read by the caller, later: its length is what the header says.
        moved_bytes=0
        if operation.startswith("Head")
        else int(http_response.headers.get("content-length", 0)),
        contended=error in CONFLICTS or CONFLICT in reasons,
    )


def _seconds(context: Mapping[str, Any]) -> float:
    now = time.perf_counter()
    return now - float(context.get(STARTED, now))


def _name_of(exception: Exception) -> str:
    timed_out = isinstance(exception, ConnectTimeoutError | ReadTimeoutError)
    return TIMEOUT if timed_out else type(exception).__name__
