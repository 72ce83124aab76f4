"""Work in threads, awaited: so that there is one engine, and not one for each kind of caller."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
# A thread that waits for an answer cannot be ended; it ends by itself, and touches nothing any more.
PATIENCE_SECONDS = 2.0


async def awaited(work: Callable[[], T], stop: threading.Event | None = None) -> T:
    """What `work` returns or raises, in a thread of its own.

    When the waiting task is cancelled, `stop` is set and `work` has two seconds to put everything down.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    # Nobody looks any more at how work that was called off has ended.
    done.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    run = contextvars.copy_context().run
    threading.Thread(target=run, args=(_carried, work, done, loop), daemon=True, name="delineate").start()
    try:
        return await asyncio.shield(done)
    except asyncio.CancelledError:
        if stop:
            stop.set()
            await asyncio.wait([done], timeout=PATIENCE_SECONDS)
        raise


async def each(items: Iterator[T], stop: threading.Event | None = None) -> AsyncIterator[T]:
    """The items, each awaited; left early, the iterator is closed, and told by `stop` before."""
    stop, end = stop or threading.Event(), object()
    try:
        while (item := await awaited(lambda: next(items, end), stop)) is not end:
            yield item  # type: ignore[misc] # `end` went the other way
    finally:
        stop.set()
        # It may still be at work for a moment, and then ends by itself.
        with suppress(ValueError):
            await awaited(getattr(items, "close", lambda: None))


def _carried(work: Callable[[], T], done: "asyncio.Future[T]", loop: asyncio.AbstractEventLoop) -> None:
    try:
        result = work()
    except BaseException as fault:  # noqa: BLE001 - carried to the task that waits
        _tell(loop, done.set_exception, fault)
    else:
        _tell(loop, done.set_result, result)


def _tell(loop: asyncio.AbstractEventLoop, call: Callable[[T], None], told: T) -> None:
    # The loop may have ended before the thread did.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, told)
