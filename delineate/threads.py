"""Work in threads, awaited: so that there is one engine, and not one for each kind of caller."""

import asyncio
import contextvars
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Generic, TypeVar

T = TypeVar("T")
Work = Callable[[], T]
# A thread looks up several times a second whether to stop; only a name server can hold it for longer.
PATIENCE_SECONDS = 2.0
# Calls that are under way at a time, of one client; what takes long has a thread of its own.
CALLS = 32


class Calls:
    """Short calls, `CALLS` at a time; the others wait for their turn, and cost nothing meanwhile."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(CALLS, thread_name_prefix="delineate-call")

    async def stoppable(self, work: Callable[[threading.Event], T]) -> T:
        """As `awaited`, for work that takes the stop of this one call."""
        stop = threading.Event()
        return await self.awaited(lambda: work(stop), stop)

    async def awaited(self, work: Work[T], stop: threading.Event) -> T:
        """What `work` returns or raises; `stop` is set when the waiting task is cancelled."""
        under_way = self._pool.submit(contextvars.copy_context().run, work)
        try:
            return await asyncio.wrap_future(under_way)
        except asyncio.CancelledError:
            stop.set()
            raise

    def close(self) -> None:
        """Take no more calls, and wait for none."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def awaited(work: Work[T], stop: threading.Event | None = None) -> T:
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


async def each(
    items: Iterator[T],
    stop: threading.Event,
    by: Callable[[Work[object], threading.Event], Awaitable[object]] = awaited,
) -> AsyncIterator[T]:
    """The items, each awaited; left early, the iterator is closed, and told by `stop` before."""
    end = object()
    try:
        while (item := await by(lambda: next(items, end), stop)) is not end:
            yield item  # type: ignore[misc] # `end` went the other way
    finally:
        stop.set()
        # It may still be at work for a moment, and then ends by itself.
        with suppress(ValueError):
            await by(getattr(items, "close", lambda: None), stop)


class InLoop(Generic[T]):
    """A caller's function, called in the event loop from threads; what it raises ends the work, by `stop`."""

    def __init__(self, call: Callable[[T], None], stop: threading.Event) -> None:
        self._call = call
        self._stop = stop
        self._loop = asyncio.get_running_loop()
        self._fault: BaseException | None = None

    def __call__(self, told: T) -> None:
        """Have it called as soon as the loop gets to it."""
        _tell(self._loop, self._carry, told)

    def _carry(self, told: T) -> None:
        if self._fault is not None:
            return
        try:
            self._call(told)
        except BaseException as fault:  # noqa: BLE001 - carried to the task that waits, see raise_fault
            self._fault = fault
            self._stop.set()

    def raise_fault(self) -> None:
        """Raises what the function raised, if it did."""
        if self._fault is not None:
            raise self._fault


def _carried(work: Work[T], done: "asyncio.Future[T]", loop: asyncio.AbstractEventLoop) -> None:
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
