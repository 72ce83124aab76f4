"""A crash at every boundary between two calls to the outside, one by one, for each use case."""

import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from downloads.model import OnError
from tests.unit.simulation.promise import Promise
from tests.unit.simulation.world import MISSING, THERE, Fuse, World

FILES = [*THERE[:4], MISSING]


def fresh() -> World:
    return World(random.Random(1))  # noqa: S311 # a schedule, no secret


def with_job(on_error: OnError = OnError.CONTINUE) -> World:
    world = fresh()
    world.initiate(FILES, on_error)
    return world


def half_done() -> World:
    world = with_job()
    world.deliver(2)
    return world


def ended() -> World:
    world = with_job()
    world.deliver()
    return world


def untold() -> World:
    world = ended()
    world.wait(timedelta(minutes=3))
    return world


def told() -> World:
    world = ended()
    world.publish()
    return world


def lost() -> World:
    world = with_job()
    world.messages.clear()
    world.wait(timedelta(minutes=3))
    return world


def overdue() -> World:
    world = half_done()
    world.wait(timedelta(hours=2))
    return world


def dead() -> World:
    world = with_job()
    world.letters, world.messages = world.messages, {}
    return world


def only_job(world: World) -> str:
    return next(iter(world.jobs.jobs))


CASES: dict[str, tuple[Callable[[], World], Callable[[World], None]]] = {
    "initiate": (fresh, lambda world: world.initiate(FILES, OnError.CONTINUE)),
    "initiate with a key": (fresh, lambda world: world.initiate(FILES, OnError.CONTINUE, "k")),
    "process": (with_job, lambda world: world.deliver()),
    "process the last": (half_done, lambda world: world.deliver()),
    "process, fail fast": (lambda: with_job(OnError.FAIL_FAST), lambda world: world.deliver()),
    "cancel": (half_done, lambda world: world.cancel(only_job(world))),
    "publish an end": (ended, lambda world: world.publish()),
    "sweep an untold end": (untold, lambda world: world.sweep()),
    "retry": (told, lambda world: world.retry(only_job(world))),
    "sweep lost messages": (lost, lambda world: world.sweep()),
    "sweep past the deadline": (overdue, lambda world: world.sweep()),
    "bury": (dead, lambda world: world.bury()),
}


def calls_of(start: Callable[[], World], act: Callable[[World], None]) -> int:
    """How many calls to the outside it makes."""
    world = start()
    world.fuse = Fuse()
    act(world)
    return world.fuse.burnt


BOUNDARIES = [
    (case, call, after)
    for case in CASES
    for call in range(1, calls_of(*CASES[case]) + 1)
    for after in (False, True)
]


def test_there_are_boundaries_in_every_case() -> None:
    assert {case for case, _, _ in BOUNDARIES} == set(CASES)


@pytest.mark.parametrize(("case", "call", "after"), BOUNDARIES)
def test_a_crash_loses_nothing(case: str, call: int, after: bool) -> None:
    start, act = CASES[case]
    world, promise = start(), Promise()
    promise.check(world)
    world.fuse = Fuse(call, after)
    act(world)
    promise.check(world)
    world.settle()
    world.accepted = list(world.jobs.jobs)
    promise.check_end(world)


def test_a_client_that_tries_again_with_its_key_gets_the_one_job() -> None:
    for call in range(1, calls_of(*CASES["initiate with a key"]) + 1):
        world = fresh()
        world.fuse = Fuse(call, after=True)
        world.initiate(FILES, OnError.CONTINUE, "k")
        world.fuse = Fuse()
        world.initiate(FILES, OnError.CONTINUE, "k")
        assert len(world.jobs.jobs) == 1
        assert world.accepted == [only_job(world)]
