"""The load: users who start jobs at a steady pace, a few watchers, and the wait for the last result."""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import Protocol

from websockets.sync.client import ClientConnection

from tests.bench.end_to_end import watch
from tests.bench.end_to_end.measured import Audit, Measured, Results, Started, Watched
from tests.bench.report import Told

TELL_S = 3.0


class Contender(Protocol):
    """A service that prepares files. Users are numbered from 0; all methods may be called by many threads."""

    name: str
    hops: Sequence[str]
    """Calls that go the same way as initiate, to be compared with it."""

    def initiate(self, user: int, file_ids: Sequence[int]) -> str:
        """The accepted job's id."""

    def hop(self, user: int, name: str) -> None:
        """Makes one of these calls."""

    def watch(self, user: int, job_id: str) -> ClientConnection:
        """A connection that gets the job's frames."""

    def standing(self, job_ids: Sequence[str]) -> tuple[int, int]:
        """How many of these jobs have ended, and how many of their files have a result."""

    def results(self, job_ids: Sequence[str]) -> Results:
        """When each file's result was recorded."""

    def audit(self, started: Sequence[Started]) -> Audit:
        """What became of all files."""


@dataclass(frozen=True)
class Load:
    """`jobs` of these files, `rate` of them a second from `users`; every `sample`-th has `watchers`.

    `within` bounds the time in seconds until the last result.
    """

    jobs: Sequence[Sequence[int]]
    users: int
    rate: float
    sample: int
    watchers: int = 1
    within: float = 240.0


@dataclass
class _Run:
    contender: Contender
    load: Load
    told: Told
    began: float = field(default_factory=time.monotonic)
    over: Event = field(default_factory=Event)
    started: list[Started] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    hops: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def late(self) -> bool:
        return time.monotonic() - self.began >= self.load.within


def put_on(contender: Contender, load: Load, told: Told) -> Measured:
    """Puts the load on and waits for its end, or until the time is over."""
    run = _Run(contender, load, told)
    most = load.users + load.watchers * (len(load.jobs) // load.sample + 1)
    with ThreadPoolExecutor(most) as pool:
        try:
            users = [pool.submit(_user, run, user, pool) for user in range(load.users)]
            for _ in _until_ended(run):
                if failed := next((one for one in users if one.done() and one.exception()), None):
                    failed.result()
        finally:
            run.over.set()
    job_ids = [job.job_id for job in run.started]
    return Measured(
        contender.name,
        run.started,
        contender.results(job_ids),
        run.watched,
        contender.audit(run.started),
        run.hops,
    )


def _user(run: _Run, user: int, pool: ThreadPoolExecutor) -> None:
    for place in range(user, len(run.load.jobs), run.load.users):
        due = run.began + place / run.load.rate
        if run.over.wait(max(0.0, due - time.monotonic())):
            return
        file_ids = run.load.jobs[place]
        at, clock = time.time(), time.perf_counter()
        job_id = run.contender.initiate(user, file_ids)
        run.started.append(Started(job_id, frozenset(file_ids), at, time.perf_counter() - clock))
        if place % run.load.sample == 0:
            connected = partial(run.contender.watch, user, job_id)
            for _ in range(run.load.watchers):
                pool.submit(watch.follow, connected, _noted(run, job_id), run.over)
        for name in run.contender.hops:
            clock = time.perf_counter()
            run.contender.hop(user, name)
            run.hops[name].append(time.perf_counter() - clock)


def _noted(run: _Run, job_id: str) -> Watched:
    seen = Watched(job_id)
    run.watched.append(seen)
    return seen


def _until_ended(run: _Run) -> Iterator[None]:
    jobs, files = len(run.load.jobs), sum(map(len, run.load.jobs))
    while not run.late:
        job_ids = [job.job_id for job in run.started]
        ended, done = run.contender.standing(job_ids)
        run.told(
            f"{run.contender.name}: {len(job_ids):,} of {jobs:,} jobs accepted, {ended:,} ended, "
            f"{done:,} of {files:,} files done"
        )
        yield
        if ended == jobs and all(seen.left for seen in run.watched):
            return
        run.over.wait(TELL_S)
