"""Clients that watch jobs with the real client's logic, over connections that are cut again and again."""

from dataclasses import dataclass, field
from threading import Event, Thread

from delineate.api import Api
from delineate.auth.tokens import Tokens
from delineate.errors import DelineateError
from delineate.progress import JobState
from delineate.watching.watch import Patience, Watch
from tests.chaos.ledger import Ledger, Sighting, Told

PATIENCE = Patience(silence=5.0, poll=1.0, rejoin=5.0)


@dataclass(frozen=True)
class Watchers:
    """One thread a watched job; each ends by itself once it has seen its job's end."""

    url: str
    tokens: Tokens
    ledger: Ledger
    over: Event
    threads: list[Thread] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self.threads)

    def start(self, job_id: str, files: int) -> None:
        self.ledger.watched[job_id] = None
        thread = Thread(target=self._watch, args=(JobState.new(job_id, files),), daemon=True)
        self.threads.append(thread)
        thread.start()

    def _watch(self, new: JobState) -> None:
        held = new
        with Api(self.url, tokens=self.tokens) as api:
            while not (held.settled or self.over.is_set()):
                try:
                    for state in Watch(api, held, self._tell, PATIENCE).states():
                        held = state
                        self._note(held)
                except DelineateError as fault:
                    self._tell(str(fault))
        self.ledger.watched[held.job_id] = Told.of(held) if held.settled else None

    def _note(self, state: JobState) -> None:
        # Before its first frame a watcher holds nothing but the number of files.
        if state.version:
            self.ledger.sightings.append(Sighting.watched(state))

    def _tell(self, line: str) -> None:
        self.ledger.troubles[line] += 1
