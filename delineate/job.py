"""One download job, as a program holds it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path

from delineate.api import Api
from delineate.contracts import Bundle, FileState, Link, Progress
from delineate.download.archives import ArchiveDownload
from delineate.download.download import Download, Plan
from delineate.download.listener import Deaf, Listener
from delineate.download.report import Report
from delineate.download.told import DownloadProgress, Telling, callers_faults
from delineate.errors import Stopped, TimedOut
from delineate.progress import JobState, merge, merge_all, reopened
from delineate.standing import JobStatus
from delineate.stop import Stop
from delineate.watching.watch import Watch

Told = Callable[[DownloadProgress], None]
Folder = str | PathLike[str]


class Job:
    """A job as far as it is known here: `refresh`, `events`, `wait` and the downloads learn more.

    Every call raises `ServiceError` and `Unreachable`. Those that take a `stop`, an event of its own for each
    call, can be broken off from another thread by setting it, and then raise `Stopped`.
    """

    def __init__(self, api: Api, state: JobState, file_ids: frozenset[int] | None = None) -> None:
        self._api = api
        self._file_ids = file_ids
        self.state = state

    def __repr__(self) -> str:
        """As a person reads it in a log."""
        return f"<Job {self.id} {self.status} {self.progress.percentage:.0f} %>"

    @property
    def id(self) -> str:
        """The job's id, by which `jobs.get` finds it again."""
        return self.state.job_id

    @property
    def status(self) -> JobStatus:
        """Where it stood when it was last heard of."""
        return self.state.status

    @property
    def progress(self) -> Progress:
        """How many files were ready and failed, of how many."""
        return self.state.progress

    @property
    def bundle(self) -> Bundle | None:
        """How far its archive was; None unless one was asked for."""
        return self.state.bundle

    def refresh(self, *, stop: threading.Event | None = None) -> JobState:
        """Ask for the job and all its files once, and hold that."""
        self.state = merge_all(JobState(self.id), self._until(stop).status_pages(self.id))
        self._file_ids = frozenset(self.state.files)
        return self.state

    def files(self) -> Iterator[FileState]:
        """Where each of the job's files stands now, by ascending id."""
        for page in self._api.status_pages(self.id):
            yield from page.files

    def links(self) -> Iterator[Link]:
        """Links to what is ready now, signed as they are asked for."""
        for page in self._api.links_pages(self.id):
            yield from page.files

    def events(
        self,
        *,
        on_note: Callable[[str], None] = lambda _line: None,
        stop: threading.Event | None = None,
    ) -> Iterator[JobState]:
        """The job's states, one a change, ending with the settled one; at once that for an ended job.

        By WebSocket, where that fails by Server-Sent Events, and where these fail by asking; broken
        connections are made again. `on_note` gets a line for people whenever the way changes.
        """
        yield from self._events(Stop.after(None, stop), on_note)

    def wait(self, timeout: float | None = None, *, stop: threading.Event | None = None) -> JobState:
        """The state in which the job ended. Raises `TimedOut` after `timeout` seconds: the job goes on."""
        until = Stop.after(timeout, stop)
        try:
            for state in self._events(until):
                self.state = state
        except Stopped:
            if stop and stop.is_set():
                raise
            raise TimedOut(f"Job {self.id} has not ended within {timeout:g} s; it goes on.") from None
        return self.state

    def cancel(self, *, stop: threading.Event | None = None) -> JobState:
        """Stop preparing; `Conflict` with code `JOB_ENDED` when it has ended already."""
        self.state = merge(self.state, self._until(stop).cancel(self.id))
        return self.state

    def retry(self, *, stop: threading.Event | None = None) -> JobState:
        """Have what failed prepared again, as the job's next round; `Conflict` where that cannot be."""
        started = self._until(stop).retry(self.id)
        self.state = replace(reopened(self.state, self.state.round + 1), status=started.status)
        return self.state

    def download(
        self,
        to: Folder = ".",
        *,
        parallel: int = 4,
        on_progress: Told | None = None,
        stop: threading.Event | None = None,
    ) -> Report:
        """Bring every file to the folder `to`, each as soon as it is ready, and wait for the job's end.

        Files keep the service's names. A broken download goes on where it stopped, by a fresh link when its
        own has ended; sizes and MD5 checksums are verified; what a former run brought is not fetched again.
        A file that cannot be had is in the report with its reason, not raised. `on_progress` is called from
        several threads, never twice at a time; what it raises ends the download and is raised here. Raises
        `OSError` when the folder cannot be written to.
        """
        listener = self._hearing(on_progress)
        if parallel < 1:
            raise ValueError(f"parallel must be 1 or more, not {parallel}")
        download = self._prepare_download(to, parallel, listener, stop)
        try:
            with callers_faults():
                return download.run()
        finally:
            self.state = download.state

    def _prepare_download(
        self,
        to: Folder,
        parallel: int,
        listener: Listener,
        stop: threading.Event | None = None,
        report: Report | None = None,
    ) -> Download:
        """The same, still to be `run`: `report` grows while it does, `listener` hears all of it."""
        return Download(self._api, self._plan(stop), Path(to), listener, parallel, stop, report)

    def _plan(self, stop: threading.Event | None = None) -> Plan:
        """The ids of the job's files, asked for unless they are known, and where it stands."""
        if self._file_ids is None:
            self.refresh(stop=stop)
        return Plan(self.state, self._file_ids or frozenset())

    def download_archive(
        self,
        to: Folder = ".",
        *,
        on_progress: Told | None = None,
        stop: threading.Event | None = None,
    ) -> list[Path]:
        """Wait for the job's end and bring its archive (`bundle="zip"`) to `to`: one path, or one a part.

        Raises `NoArchive` with the reason when there is none, `FileFault` when it cannot be brought whole.
        """
        listener = self._hearing(on_progress)
        with callers_faults():
            return self._bring_archive(to, listener, stop)

    def _bring_archive(
        self, to: Folder, listener: Listener, stop: threading.Event | None = None
    ) -> list[Path]:
        """The same for a `listener` that hears all of it."""
        stop = stop or threading.Event()
        for state in self._events(Stop(stop), listener.note):
            listener.job(state)
        return ArchiveDownload(self._api, self.id, Path(to), listener, stop).run()

    def _hearing(self, on_progress: Told | None) -> Listener:
        return Telling(self.progress.total, on_progress) if on_progress else Deaf()

    def _until(self, stop: threading.Event | None) -> Api:
        return self._api.within(Stop.after(None, stop))

    def _events(
        self, stop: Stop, on_note: Callable[[str], object] = lambda _line: None
    ) -> Iterator[JobState]:
        if self.state.settled:
            yield self.state
        for state in Watch(self._api, self.state, on_note, stop=stop).states():
            self.state = state
            yield state
