"""Deliveries under random schedules: copies of a message, crashes at every call, answers of every kind."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from downloads.errors import CallbackFailedError
from downloads.notice import ATTEMPTS, JITTER, LEASE, WAITS_S, Failure, Notice, Outcome
from downloads.usecases.deliver import Mailroom, deliver
from tests.conftest import NOW
from tests.notice_fakes import FakeDeliveries, FakeKeys, FakeNotices
from tests.unit.simulation.world import CrashError, Fuse

NOTICE = Notice("a-job", 7, "https://receiver.example/hook", "{}")
SEEDS = 2_000


@dataclass
class Receiver:
    """Says what ``answers`` holds next, and remembers when it was asked."""

    chance: random.Random
    answers: list[int | Failure]
    now: datetime = NOW
    asked: list[datetime] = field(default_factory=list)

    def post(self, url: str, headers: object, body: bytes) -> int:
        self.asked.append(self.now)
        self.now += timedelta(seconds=self.chance.uniform(0, 15))
        answer = self.chance.choice(self.answers)
        if isinstance(answer, Failure):
            raise CallbackFailedError(answer)
        return answer


@pytest.mark.parametrize("answers", [[500, Failure.TIMEOUT], [500, 500, 200], [500, 302, 410]])
def test_whatever_comes_twice_or_breaks_off_there_are_ten_attempts_at_their_times(
    answers: list[int | Failure],
) -> None:
    for seed in range(SEEDS // 3):
        chance = random.Random(seed)  # noqa: S311 # a schedule, no secret
        receiver, record, notices = Receiver(chance, answers), FakeDeliveries(), FakeNotices()
        end = run(chance, receiver, record, notices)
        assert end in {Outcome.DELIVERED, Outcome.STOPPED, Outcome.EXHAUSTED}, seed
        assert len(receiver.asked) <= ATTEMPTS, seed
        pauses = [after - before for before, after in pairwise(receiver.asked)]
        assert all(pause.total_seconds() >= WAITS_S[0] * (1 - JITTER) for pause in pauses), seed
        assert bool(notices.buried) == (end is Outcome.EXHAUSTED), seed
        before = len(receiver.asked)
        assert copy(chance, receiver, record, notices, Fuse()) is end, seed
        assert len(receiver.asked) == before, seed


def run(
    chance: random.Random, receiver: Receiver, record: FakeDeliveries, notices: FakeNotices
) -> Outcome | None:
    """Copies of one message come at any time; some runs die at one of their calls."""
    for _ in range(2_000):
        crash = chance.random() < 0.1
        fuse = Fuse(chance.randint(1, 6), chance.random() < 0.5) if crash else Fuse()
        end = copy(chance, receiver, record, notices, fuse)
        if end not in {None, Outcome.STARTED, Outcome.FAILED}:
            return end
        receiver.now += chance.choice([timedelta(seconds=1), LEASE, timedelta(hours=5)])
    return None


def copy(
    chance: random.Random, receiver: Receiver, record: FakeDeliveries, notices: FakeNotices, fuse: Fuse
) -> Outcome | None:
    room = Mailroom(
        fuse.guard(record),
        fuse.guard(notices),
        fuse.guard(receiver),
        fuse.guard(FakeKeys()),
        lambda: receiver.now,
        chance.random,
    )
    try:
        return deliver(NOTICE, "receipt", room)
    except CrashError:
        return None
