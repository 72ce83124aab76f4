"""The same client for asyncio: `Client` and `Job` at work in threads, awaited.

One engine does the work of both. A client has 32 calls under way at a time, and the others wait for their
turn; each job that is watched or downloaded has a thread of its own. Cancelling a task stops what it started;
what is on disk stays for the next run.
"""

import ssl
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Literal, Self, TypeVar

import httpx

from delineate.api import Api, Priority
from delineate.auth.tokens import Token
from delineate.client import Client, OnError
from delineate.contracts import Bundle, FileState, Link, Progress
from delineate.download.report import Report
from delineate.errors import Stopped
from delineate.job import Folder, Job, Told
from delineate.network import TIMEOUT
from delineate.progress import JobState, merge_all
from delineate.standing import JobStatus
from delineate.stop import Stop
from delineate.threads import Calls, InLoop, awaited, each

T = TypeVar("T")


class AsyncClient:
    """`Client` for asyncio. Use it with `async with`, or `await close()`."""

    def __init__(
        self,
        base_url: str,
        token: Token = None,
        *,
        timeout: float | httpx.Timeout = TIMEOUT,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._client = Client(base_url, token, timeout=timeout, proxy=proxy, ssl_context=ssl_context)
        self._calls = Calls()
        self.jobs = AsyncJobs(self._client, self._calls)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        self._calls.close()
        await awaited(self._client.close)


class AsyncJobs:
    """`client.jobs` for asyncio."""

    def __init__(self, client: Client, calls: Calls) -> None:
        self._jobs = client.jobs
        self._api = client._api
        self._calls = calls

    async def create(  # noqa: PLR0913 - each is a field of the request
        self,
        file_ids: Iterable[int],
        *,
        priority: Priority = "normal",
        on_error: OnError | None = None,
        callback_url: str | None = None,
        idempotency_key: str | None = None,
        bundle: Literal["zip"] | None = None,
    ) -> "AsyncJob":
        """See `Jobs.create`. A task that is cancelled meanwhile may have started the job all the same."""
        job = await self._calls.stoppable(
            lambda stop: self._jobs.create(
                file_ids,
                priority=priority,
                on_error=on_error,
                callback_url=callback_url,
                idempotency_key=idempotency_key,
                bundle=bundle,
                stop=stop,
            )
        )
        return AsyncJob(self._api, job, self._calls)

    async def get(self, job_id: str) -> "AsyncJob":
        """See `Jobs.get`."""
        job = await self._calls.stoppable(lambda stop: self._jobs.get(job_id, stop=stop))
        return AsyncJob(self._api, job, self._calls)

    async def list(self) -> "AsyncIterator[AsyncJob]":
        """See `Jobs.list`."""
        stop = threading.Event()
        pages = self._api.within(Stop(stop)).jobs_pages()
        async for page in each(pages, stop, self._calls.awaited):
            for told in page.jobs:
                job = Job(self._api, merge_all(JobState(told.jobId), [told]))
                yield AsyncJob(self._api, job, self._calls)


class AsyncJob:
    """`Job` for asyncio: the same names, with `await` and `async for`."""

    def __init__(self, api: Api, job: Job, calls: Calls) -> None:
        self._api = api
        self._job = job
        self._calls = calls

    def __repr__(self) -> str:
        """As a person reads it in a log."""
        return repr(self._job)

    @property
    def id(self) -> str:
        """See `Job`."""
        return self._job.id

    @property
    def state(self) -> JobState:
        """See `Job`."""
        return self._job.state

    @property
    def status(self) -> JobStatus:
        """See `Job`."""
        return self._job.status

    @property
    def progress(self) -> Progress:
        """See `Job`."""
        return self._job.progress

    @property
    def bundle(self) -> Bundle | None:
        """See `Job`."""
        return self._job.bundle

    async def refresh(self) -> JobState:
        """See `Job`."""
        return await self._calls.stoppable(lambda stop: self._job.refresh(stop=stop))

    async def cancel(self) -> JobState:
        """See `Job`."""
        return await self._calls.stoppable(lambda stop: self._job.cancel(stop=stop))

    async def retry(self) -> JobState:
        """See `Job`."""
        return await self._calls.stoppable(lambda stop: self._job.retry(stop=stop))

    async def files(self) -> AsyncIterator[FileState]:
        """See `Job`."""
        stop = threading.Event()
        pages = self._api.within(Stop(stop)).status_pages(self.id)
        async for page in each(pages, stop, self._calls.awaited):
            for file in page.files:
                yield file

    async def links(self) -> AsyncIterator[Link]:
        """See `Job`."""
        stop = threading.Event()
        pages = self._api.within(Stop(stop)).links_pages(self.id)
        async for page in each(pages, stop, self._calls.awaited):
            for link in page.files:
                yield link

    async def events(self, *, on_note: Callable[[str], None] = lambda _line: None) -> AsyncIterator[JobState]:
        """See `Job`; `on_note` is called in the event loop, and what it raises is raised here."""
        stop = threading.Event()
        note = InLoop(on_note, stop)
        try:
            async for state in each(self._job.events(on_note=note, stop=stop), stop):
                yield state
        except Stopped:
            note.raise_fault()
            raise
        note.raise_fault()

    async def wait(self, timeout: float | None = None) -> JobState:  # as `Job` has it
        """See `Job`."""
        stop = threading.Event()
        return await awaited(lambda: self._job.wait(timeout, stop=stop), stop)

    async def download(
        self, to: Folder = ".", *, parallel: int = 4, on_progress: Told | None = None
    ) -> Report:
        """See `Job`; `on_progress` is called in the event loop."""
        return await _told(
            on_progress,
            lambda tell, stop: self._job.download(to, parallel=parallel, on_progress=tell, stop=stop),
        )

    async def download_archive(self, to: Folder = ".", *, on_progress: Told | None = None) -> list[Path]:
        """See `Job`; `on_progress` is called in the event loop."""
        return await _told(
            on_progress, lambda tell, stop: self._job.download_archive(to, on_progress=tell, stop=stop)
        )


async def _told(on_progress: Told | None, work: Callable[[Told | None, threading.Event], T]) -> T:
    stop = threading.Event()
    if on_progress is None:
        return await awaited(lambda: work(None, stop), stop)
    tell = InLoop(on_progress, stop)
    try:
        done = await awaited(lambda: work(tell, stop), stop)
    except Stopped:
        tell.raise_fault()
        raise
    tell.raise_fault()
    return done
