"""The same client for asyncio: `Client` and `Job` at work in threads, awaited.

One engine does the work of both: each call that is under way, and each job that is watched, has a thread of
its own. Cancelling a task stops what it started, downloads included; what is on disk stays for the next run.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any, Literal, Self

from delineate.api import Api, Priority
from delineate.client import Client, OnError, Token
from delineate.contracts import Bundle, FileState, Link, Progress
from delineate.download.report import Report
from delineate.download.told import DownloadProgress
from delineate.job import Folder, Job, Told
from delineate.progress import JobState, merge_all
from delineate.standing import JobStatus
from delineate.threads import awaited, each


class AsyncClient:
    """`Client` for asyncio. Use it with `async with`, or `await close()`."""

    def __init__(self, base_url: str, token: Token = None) -> None:
        self._client = Client(base_url, token)
        self.jobs = AsyncJobs(self._client)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await awaited(self._client.close)


class AsyncJobs:
    """`client.jobs` for asyncio."""

    def __init__(self, client: Client) -> None:
        self._jobs = client.jobs
        self._api = client.api

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
        job = await awaited(
            lambda: self._jobs.create(
                file_ids,
                priority=priority,
                on_error=on_error,
                callback_url=callback_url,
                idempotency_key=idempotency_key,
                bundle=bundle,
            )
        )
        return AsyncJob(self._api, job)

    async def get(self, job_id: str) -> "AsyncJob":
        """See `Jobs.get`."""
        return AsyncJob(self._api, await awaited(lambda: self._jobs.get(job_id)))

    async def list(self) -> "AsyncIterator[AsyncJob]":
        """See `Jobs.list`."""
        async for page in each(self._api.jobs_pages()):
            for told in page.jobs:
                yield AsyncJob(self._api, Job(self._api, merge_all(JobState(told.jobId), [told])))


class AsyncJob:
    """`Job` for asyncio: the same names, with `await` and `async for`."""

    def __init__(self, api: Api, job: Job) -> None:
        self._api = api
        self._job = job

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
        return await awaited(self._job.refresh)

    async def cancel(self) -> JobState:
        """See `Job`."""
        return await awaited(self._job.cancel)

    async def retry(self) -> JobState:
        """See `Job`."""
        return await awaited(self._job.retry)

    async def files(self) -> AsyncIterator[FileState]:
        """See `Job`."""
        async for page in each(self._api.status_pages(self.id)):
            for file in page.files:
                yield file

    async def links(self) -> AsyncIterator[Link]:
        """See `Job`."""
        async for page in each(self._api.links_pages(self.id)):
            for link in page.files:
                yield link

    async def events(
        self, *, on_note: Callable[[str], object] = lambda _line: None
    ) -> AsyncIterator[JobState]:
        """See `Job`."""
        stop, note = threading.Event(), _in_loop(on_note)
        async for state in each(self._job.events(on_note=note, stop=stop), stop):
            yield state

    async def wait(self, timeout: float | None = None) -> JobState:  # as `Job` has it
        """See `Job`."""
        stop = threading.Event()
        return await awaited(lambda: self._job.wait(timeout, stop=stop), stop)

    async def download(
        self,
        to: Folder = ".",
        *,
        parallel: int = 4,
        on_progress: Callable[[DownloadProgress], object] | None = None,
    ) -> Report:
        """See `Job`; `on_progress` is called in the event loop."""
        stop, tell = threading.Event(), _in_loop(on_progress) if on_progress else None
        return await awaited(
            lambda: self._job.download(to, parallel=parallel, on_progress=tell, stop=stop), stop
        )

    async def download_archive(self, to: Folder = ".", *, on_progress: Told | None = None) -> list[Path]:
        """See `Job`; `on_progress` is called in the event loop."""
        stop, tell = threading.Event(), _in_loop(on_progress) if on_progress else None
        return await awaited(lambda: self._job.download_archive(to, on_progress=tell, stop=stop), stop)


def _in_loop(call: Callable[[Any], object]) -> Callable[[Any], object]:
    loop = asyncio.get_running_loop()
    return lambda told: loop.call_soon_threadsafe(call, told)
