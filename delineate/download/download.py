"""A whole job to a folder: watched to its end, each file fetched as soon as it is ready."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from delineate.api import Api
from delineate.contracts import FileState
from delineate.download.crew import Crew
from delineate.download.fetch import Fetch, storage_client
from delineate.download.links import LinkDesk
from delineate.download.listener import Listener
from delineate.download.report import Outcome, Report
from delineate.download.shelf import Shelf
from delineate.errors import FileFault, ServiceError, SignInNeeded, Stopped, Unreachable
from delineate.progress import JobState
from delineate.standing import FileStatus, JobStatus
from delineate.stop import Stop
from delineate.watching.watch import Patience, Watch


@dataclass(frozen=True)
class Plan:
    """A job to bring home: its state so far and the ids of its files."""

    state: JobState
    file_ids: frozenset[int]


class Download:
    """Brings one job's files to `folder`, at most `parallel` (1 or more) at a time, until `stop` is set.

    `report` grows while `run` works, so that it also tells of a run that was broken off.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is another's business
        self,
        api: Api,
        plan: Plan,
        folder: Path,
        listener: Listener,
        parallel: int = 4,
        stop: threading.Event | None = None,
        report: Report | None = None,
    ) -> None:
        self._api = api
        self._plan = plan
        self.state = plan.state
        self._parallel = parallel
        self._listener = listener
        self._stop = stop or threading.Event()
        self._shelf = Shelf(folder)
        self._desk = LinkDesk(api, plan.state.job_id, plan.file_ids, self._stop)
        self._seen: set[int] = set()
        self.report = report or Report(plan.state.job_id, plan.state.progress.total)

    def run(self, patience: Patience | None = None) -> Report:
        """Fetch everything the job prepares; files that cannot be had are in the report, not raised.

        Raises `ServiceError` and `Unreachable` when the job can no longer be watched, `Stopped` when `stop`
        was set. What is on disk then, or after a KeyboardInterrupt, is gone on with by the next run.
        """
        with storage_client(self._parallel, self._api.network) as http:
            fetch = Fetch(http, self._shelf, self._desk.fresh, self._stop, self._listener.moved)
            crew = Crew(self._parallel, lambda file_id: self._bring(fetch, file_id), self._stop)
            try:
                self._follow(crew, patience)
                crew.finish()
            except Stopped:
                crew.dismiss()
                # It may be a thread that stopped the watch, because of what it cannot go on with.
                crew.raise_fault()
                raise
            except BaseException:
                crew.dismiss()
                raise
        self._name_the_rest(self.state.status)
        return self.report

    def _follow(self, crew: Crew, patience: Patience | None) -> None:
        self._take_in(self.state, crew)
        tell, stop = self._listener.note, Stop(self._stop)
        for state in Watch(self._api, self.state, tell, patience, stop).states():
            self._take_in(state, crew)

    def _take_in(self, state: JobState, crew: Crew) -> None:
        self.state = state
        self.report.status, self.report.total = state.status, state.progress.total
        self._listener.job(state)
        news = [file for id_, file in state.results.items() if id_ not in self._seen]
        self._seen.update(file.file_id for file in news)
        for file in news:
            if file.status is FileStatus.FAILED:
                self._end(Outcome.failed(file.file_id, file.errorCode, file.error))
        self._hand_out([file for file in news if file.status is FileStatus.COMPLETED], crew)

    def _hand_out(self, ready: Iterable[FileState], crew: Crew) -> None:
        ids = sorted(file.file_id for file in ready)
        self._desk.expect(ids)
        for file_id in ids:
            crew.give(file_id)

    def _bring(self, fetch: Fetch, file_id: int) -> None:
        try:
            outcome = Outcome.brought(fetch.bring(self._desk.take(file_id), self._listener.started))
        except FileFault as fault:
            outcome = Outcome.failed(file_id, fault.code, fault.message)
        except SignInNeeded:
            # Every other file would fail likewise: signed in again, the person goes on with all of them.
            raise
        except (ServiceError, Unreachable) as fault:
            code = fault.code if isinstance(fault, ServiceError) else "UNREACHABLE"
            outcome = Outcome.failed(file_id, code, f"No link could be had: {fault}")
        except OSError as fault:
            outcome = Outcome.failed(file_id, "DISK", f"It cannot be written: {fault.strerror or fault}.")
        self._end(outcome)

    def _end(self, outcome: Outcome) -> None:
        self.report.outcomes[outcome.file_id] = outcome
        self._listener.ended(outcome)

    def _name_the_rest(self, status: JobStatus) -> None:
        """Files without a result, once nothing more will come."""
        cancelled = status is JobStatus.CANCELLED
        code, why = ("CANCELLED", "The job was cancelled") if cancelled else ("NO_RESULT", "The job ended")
        for file_id in sorted(self._plan.file_ids - set(self.report.outcomes)):
            self._end(Outcome.failed(file_id, code, f"{why} before this file was prepared."))
