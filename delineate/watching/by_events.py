"""A job's states by Server-Sent Events, for where a WebSocket does not get through.

The service's API buffers: each answer is one piece of the stream, at once when there is news and after some
20 s when there is none. `Last-Event-ID` says which version is held, as a browser's EventSource does it.
"""

import time
from collections.abc import Callable, Generator, Iterator

from httpx_sse import ServerSentEvent
from pydantic import ValidationError

from delineate.backoff import pauses
from delineate.contracts import Frame
from delineate.errors import ServiceError, Unreachable
from delineate.progress import JobState, merge
from delineate.watching.following import Following

RETRY_SECONDS = 1.0
NO_CONTENT = 204
SERVER_TROUBLE = 500


def states(job: Following, works: Callable[[], None]) -> Iterator[JobState]:
    """States until the job is over, the WebSocket is due for another try, or answers keep failing.

    `works` is called once an answer has come; raises the last fault after `patience.connections` in a row,
    and at once what no repetition mends (`ServiceError` below 500). Raises `Stopped`.
    """
    began, failures, waits = time.monotonic(), 0, pauses(job.patience.first_pause)
    while not job.over and time.monotonic() - began < job.patience.rejoin:
        job.stop.check()
        try:
            pause = yield from _answer(job, works)
            failures, waits = 0, pauses(job.patience.first_pause)
        except (Unreachable, ServiceError) as fault:
            # What ran into the caller's own deadline says nothing of the service.
            job.stop.check()
            failures += 1
            if failures >= job.patience.connections or _final(fault):
                raise
            pause = next(waits)
        if not job.over:
            job.stop.pause(pause)


def _final(fault: Unreachable | ServiceError) -> bool:
    return isinstance(fault, ServiceError) and fault.status < SERVER_TROUBLE


def _answer(job: Following, works: Callable[[], None]) -> Generator[JobState, None, float]:
    """The states of one answer; returns after how many seconds the next one may be asked for."""
    held = job.held
    # With no id, or after a gap, the answer is a snapshot.
    known = held.version if held.version and held.whole and not held.missed else None
    pause = RETRY_SECONDS
    with job.api.events(held.job_id, known, job.stop.within(job.patience.stream)) as source:
        if source.response.status_code == NO_CONTENT:
            yield from job.look()
            return pause
        for event in source.iter_sse():
            pause = pause if event.retry is None else event.retry / 1000
            if frame := _frame(event):
                state = merge(job.held, frame)
                yield from job.keep(state, over=state.settled)
        works()
    if job.held.status.ended and not job.over:
        yield from job.look()
    return pause


def _frame(event: ServerSentEvent) -> Frame | None:
    """The frame in an event; None for the kinds that tell nothing of a job, known or not."""
    if event.event not in ("snapshot", "change"):
        return None
    try:
        return Frame.model_validate_json(event.data)
    except ValidationError:
        return None
