"""A small world around the use cases: a queue that delivers at least once, functions that die, time.

Everything is drawn from one seeded generator, so that a schedule can be run again.
"""

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from downloads.allowance import Rate
from downloads.callback import Guard
from downloads.caller import Caller
from downloads.changes import Changes
from downloads.cold import ColdClass, RestoreRule, Tier
from downloads.errors import DownloadError, StateUnavailableError, StoreUnavailableError
from downloads.file import Delivery, ErrorCode, FileTask, Priority
from downloads.limits import Limits, Schedule
from downloads.model import Job, OnError
from downloads.notice import webhook_id
from downloads.usecases.attempt import Workshop
from downloads.usecases.bury import Letter, bury
from downloads.usecases.cancel import cancel
from downloads.usecases.initiate import Intake, Order, initiate
from downloads.usecases.notify import notify
from downloads.usecases.process import process
from downloads.usecases.publish import settle
from downloads.usecases.read import load_job
from downloads.usecases.redrive import free_of_charge
from downloads.usecases.restore import finish
from downloads.usecases.retry import Reopening, retry
from downloads.usecases.sweep import Broom, sweep
from tests.bundle_fakes import FakeBundleQueue
from tests.conftest import NOW, SOMEONE
from tests.fakes import FakeAllowances, FakeJobs, FakeObjects
from tests.notice_fakes import FakeNotices

SCHEDULE = Schedule(ttl=timedelta(days=1), deadline=timedelta(hours=1), grace=timedelta(minutes=2))
MAX_ATTEMPTS = 3
CALLBACK = "https://receiver.example/hook"
VISIBILITY = timedelta(seconds=90)
MISSING, THERE = 10_009, range(10_000, 10_009)
# There, and withheld from everybody.
WITHHELD = 10_008
ARCHIVED = {10_006: ColdClass.FLEXIBLE, 10_007: ColdClass.DEEP}
RULE = RestoreRule(Tier.STANDARD, ttl=SCHEDULE.ttl, deadline=SCHEDULE.deadline)


class CrashError(BaseException):
    """The function's process ended here: no handler of the code under test may catch it."""


@dataclass
class Fuse:
    """Does something to a run at its n-th call to the outside: before the call has its effect, or after.

    It dies there; or, with ``meanwhile``, something else happens in between and it goes on.
    """

    left: int | None = None
    after: bool = False
    meanwhile: Callable[[], None] | None = None
    burnt: int = 0

    def guard(self, port: Any) -> Any:
        return Guarded(port, self)

    def call(self, method: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self.burnt += 1
        due = self.left is not None and self.burnt == self.left
        if due and not self.after:
            self._strike()
        answer = method(*args, **kwargs)
        if due and self.after:
            self._strike()
        return answer

    def _strike(self) -> None:
        if self.meanwhile is None:
            raise CrashError
        self.meanwhile()


class Guarded:
    """A port whose every call passes the fuse."""

    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._port, name)
        return lambda *args, **kwargs: self._fuse.call(method, args, kwargs)


class History(dict[str, Job]):
    """Jobs as they are, and ``ends``: each version at which one ended, even if it was reopened at once."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: set[str] = set()

    def __setitem__(self, job_id: str, job: Job) -> None:
        if job.status.terminal:
            self.ends.add(webhook_id(job_id, job.version))
        super().__setitem__(job_id, job)


class Barring:
    def withheld(self, caller: Caller, file_ids: Collection[int]) -> frozenset[int]:
        return frozenset({WITHHELD}.intersection(file_ids))


@dataclass
class Message:
    job_id: str
    file_id: int
    round: int
    visible_at: Any
    attempts: int = 0


@dataclass
class World:
    """One deployment. ``lose`` is the share of messages that vanish, ``twice`` of those sent double."""

    random: random.Random
    lose: float = 0.0
    twice: float = 0.0
    jobs: FakeJobs = field(default_factory=lambda: FakeJobs(clock=NOW, jobs=History()))
    notices: FakeNotices = field(default_factory=FakeNotices)
    objects: FakeObjects = field(
        default_factory=lambda: FakeObjects(dict.fromkeys(THERE, 1), archived=ARCHIVED)
    )
    messages: dict[str, Message] = field(default_factory=dict)
    letters: dict[str, Message] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    fuse: Fuse = field(default_factory=Fuse)

    @cached_property
    def allowances(self) -> FakeAllowances:
        """More than any schedule uses up: what they refuse is tried elsewhere."""
        return FakeAllowances(self.jobs, Rate(per_minute=60_000, burst=60_000), most_open=100_000)

    @property
    def ends(self) -> set[str]:
        """The webhook id of every end that a job came to."""
        assert isinstance(self.jobs.jobs, History)
        return self.jobs.jobs.ends

    def send(self, job: Job, file_ids: Sequence[int]) -> Sequence[int]:
        for file_id in file_ids:
            copies = 0 if self.random.random() < self.lose else 1 + (self.random.random() < self.twice)
            for _ in range(copies):
                self.messages[f"m{self.random.random()}"] = Message(
                    job.job_id, file_id, job.round, self.jobs.clock
                )
        return []

    def waiting(self, lane: Priority) -> int:
        return len(self.messages)

    def hide(self, delivery: Delivery, seconds: int) -> bool:
        if delivery.message_id in self.messages:
            self.messages[delivery.message_id].visible_at = self.jobs.clock + timedelta(seconds=seconds)
        return True

    def initiate(self, file_ids: Sequence[int], on_error: OnError, key: str | None = None) -> None:
        """The client counts a job as accepted only when it was told so."""
        jobs, queue = self.fuse.guard(self.jobs), self.fuse.guard(self)
        intake = Intake(
            jobs,
            queue,
            self.fuse.guard(self.allowances),
            Barring(),
            Limits(10_000, 20_000, 100),
            SCHEDULE,
            Guard(),
        )
        order = Order(file_ids, SOMEONE, callback_url=CALLBACK, on_error=on_error, key=key)
        self._run(lambda: self.accepted.append(initiate(order, intake, self.jobs.clock).job.job_id))

    def deliver(self, most: int = 10) -> None:
        """One batch to one function; what is not reported as kept is deleted, unless the function died."""
        ready = [key for key, message in self.messages.items() if message.visible_at <= self.jobs.clock]
        batch = self.random.sample(ready, min(most, len(ready)))
        for key in batch:
            self._receive(key)
        tasks = [self._task(key) for key in batch if key in self.messages]
        shop = Workshop(
            self.fuse.guard(self.jobs),
            self.fuse.guard(self.objects),
            self.fuse.guard(self),
            MAX_ATTEMPTS,
            restores=RULE,
        )
        kept: set[str] | None = None

        def run() -> None:
            nonlocal kept
            kept = {delivery.message_id for delivery in process(tasks, shop, self.jobs.clock)}

        self._run(run)
        for task in tasks if kept is not None else []:
            if task.delivery.message_id not in (kept or set()):
                self.messages.pop(task.delivery.message_id, None)

    def restored(self, tells: bool) -> None:
        """Every restore that was asked for has ended; the store tells of it, again maybe, or it is lost."""
        ended = sorted(self.objects.asked)
        self.objects.copies |= dict.fromkeys(ended, NOW + timedelta(days=365))
        if tells:
            jobs, queue = self.fuse.guard(self.jobs), self.fuse.guard(self)
            for file_id in ended:
                self._run(lambda file_id=file_id: finish(file_id, jobs, queue, lambda: True))

    def bury(self) -> None:
        letters = [Letter(key, m.job_id, m.file_id, m.round) for key, m in self.letters.items()]
        again: set[str] = {letter.message_id for letter in letters}

        def run() -> None:
            nonlocal again
            again = bury(letters, self.fuse.guard(self.jobs), self.jobs.clock)

        self._run(run)
        for letter in letters:
            if letter.message_id not in again:
                self.letters.pop(letter.message_id, None)

    def cancel(self, job_id: str) -> None:
        self._run(lambda: cancel(job_id, SOMEONE.owner, self.fuse.guard(self.jobs), self.jobs.clock))

    def retry(self, job_id: str) -> None:
        jobs, queue = self.fuse.guard(self.jobs), self.fuse.guard(self)
        needs = Reopening(jobs, queue, SCHEDULE, free_of_charge)
        self._run(lambda: retry(load_job(job_id, SOMEONE.owner, jobs), needs, self.jobs.clock))

    def sweep(self) -> None:
        broom = Broom(
            self.fuse.guard(self.jobs),
            self.fuse.guard(self),
            self.fuse.guard(self.notices),
            FakeBundleQueue(),
            SCHEDULE.grace,
        )
        self._run(lambda: sweep(broom, self.jobs.clock, lambda: True))

    def publish(self) -> None:
        """The stream tells of each job, maybe again, maybe long after; what it gives up is lost."""
        for job_id in list(self.jobs.jobs):
            self._run(lambda job_id=job_id: self._tell_of(job_id))

    def _tell_of(self, job_id: str) -> None:
        jobs = self.fuse.guard(self.jobs)
        settle(job_id, Changes(counted=True), jobs)
        notify(job_id, jobs, self.fuse.guard(self.notices))

    def wait(self, time: timedelta) -> None:
        self.jobs.clock += time

    def idle(self, time: timedelta) -> None:
        """Only the sweeper is at work, as on a night without callers."""
        end = self.jobs.clock + time
        while self.jobs.clock < end:
            self.sweep()
            self.wait(timedelta(minutes=10))

    def fault(self, file_id: int | None) -> None:
        """The store fails for one file from now on, or for none."""
        self.objects.faults = {file_id: StoreUnavailableError(ErrorCode.TIMEOUT)} if file_id else {}

    def settle(self) -> None:
        """Peace: nothing is lost or dies any more, and time passes until every job must have ended."""
        self.fuse, self.lose, self.twice = Fuse(), 0.0, 0.0
        for _ in range(60):
            self.restored(tells=False)
            self.sweep()
            while any(message.visible_at <= self.jobs.clock for message in self.messages.values()):
                self.deliver()
            self.bury()
            self.wait(timedelta(minutes=2))

    def _receive(self, key: str) -> None:
        message = self.messages[key]
        message.attempts += 1
        message.visible_at = self.jobs.clock + VISIBILITY
        if message.attempts > MAX_ATTEMPTS:
            self.letters[key] = self.messages.pop(key)

    def _task(self, key: str) -> FileTask:
        message = self.messages[key]
        delivery = Delivery(Priority.NORMAL, key, key, message.attempts)
        return FileTask(message.job_id, message.file_id, message.round, delivery)

    def _run(self, step: Callable[[], object]) -> None:
        try:
            step()
        except (CrashError, DownloadError, StateUnavailableError):
            # A function that died, or an answer to the caller: neither ends the world.
            return
