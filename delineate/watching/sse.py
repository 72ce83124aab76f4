"""One answer of a job's event stream, opened; its faults made the types that every call has."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from httpx_sse import EventSource, SSEError, connect_sse

from delineate.errors import Unreachable
from delineate.transport import error_of


@contextmanager
def opened(
    client: httpx.Client, path: str, last_event_id: int | None, timeout: httpx.Timeout
) -> Iterator[EventSource]:
    """The events of one answer; 204, without any, when the job has ended at `last_event_id`.

    Raises `ServiceError`, or `Unreachable` for an answer that is no stream, breaks off or does not come.
    """
    headers = {} if last_event_id is None else {"last-event-id": str(last_event_id)}
    try:
        with connect_sse(client, "GET", path, headers=headers, timeout=timeout) as source:
            if not source.response.is_success:
                source.response.read()
                raise error_of(source.response)
            yield source
    except SSEError as fault:
        raise Unreachable("The service sends no events.") from fault
    except httpx.TransportError as fault:
        raise Unreachable("The stream of events broke off.") from fault
