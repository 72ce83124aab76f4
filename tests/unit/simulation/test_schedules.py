"""The promise under random schedules: 10,000 by seed (`--schedules N` for more), and hypothesis's own.

A failure names its seed: `pytest tests/unit/simulation --seed N` runs that schedule alone.
"""

import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from downloads.errors import StateUnavailableError
from downloads.model import OnError
from tests.unit.simulation.promise import Promise
from tests.unit.simulation.world import MISSING, THERE, Fuse, World

STEPS = 25
# How often each kind of step is drawn; hours do not pass within one call of a function.
ALWAYS = (4, 12, 1, 2, 3, 2, 4, 1, 2, 0.5, 1, 1)
WITHIN_A_CALL = (4, 12, 1, 2, 3, 2, 4, 0, 2, 0, 1, 1)
FILES = [*THERE, MISSING]


def run(seed: int) -> None:
    """One schedule: whatever happens is drawn from the seed."""
    chance = random.Random(seed)  # noqa: S311 # a schedule, no secret
    world = World(chance, lose=chance.choice([0, 0.2]), twice=chance.choice([0, 0.3]))
    promise = Promise()
    for _ in range(STEPS):
        world.fuse = trouble(world, chance)
        step(world, chance)
        promise.check(world)
    world.settle()
    promise.check_end(world)


def trouble(world: World, chance: random.Random) -> Fuse:
    """Nothing, a crash, a fault of the table, or other steps in the middle of this one."""
    call, after = chance.randint(1, 6), chance.random() < 0.5

    def meanwhile() -> None:
        world.fuse = Fuse()
        for _ in range(chance.randint(1, 5)):
            step(world, chance, WITHIN_A_CALL)

    def fault() -> None:
        raise StateUnavailableError

    return chance.choice([Fuse(), Fuse(call, after), Fuse(call, after, fault), Fuse(call, after, meanwhile)])


def step(world: World, chance: random.Random, weights: Sequence[float] = ALWAYS) -> None:
    job_id = chance.choice(list(world.jobs.jobs)) if world.jobs.jobs else ""
    match chance.choices(range(len(weights)), weights)[0]:
        case 0:
            files = chance.sample(FILES, chance.randint(1, len(FILES)))
            world.initiate(files, chance.choice(list(OnError)), chance.choice([None, "a", "b"]))
        case 1:
            world.deliver(chance.randint(1, 10))
        case 2:
            world.cancel(job_id)
        case 3:
            world.retry(job_id)
        case 4:
            world.sweep()
        case 5:
            world.bury()
        case 6:
            world.wait(timedelta(seconds=chance.choice([1, 10, 95, 130])))
        case 7:
            world.idle(timedelta(hours=1))
        case 8:
            world.publish()
        case 9:
            world.idle(timedelta(hours=chance.choice([12, 22, 23])))
        case 10:
            world.restored(tells=chance.random() < 0.5)
        case _:
            world.fault(chance.choice([None, chance.choice(FILES)]))


def test_the_promise_holds_under_seeded_schedules(pytestconfig: pytest.Config) -> None:
    only = pytestconfig.getoption("--seed")
    if only is not None:
        run(only)
        return
    cores = os.cpu_count() or 1
    shares = [range(core, pytestconfig.getoption("--schedules"), cores) for core in range(cores)]
    # A fork would have the threads' pool that a processor keeps, and none of its threads.
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        broken = [found for found in pool.map(first_broken, shares) if found]
    assert broken == []


def first_broken(seeds: range) -> str | None:
    for seed in seeds:
        try:
            run(seed)
        except Exception as error:  # noqa: BLE001 # whatever it is, its seed is what is asked for
            return f"seed {seed}: {error!r}"
    return None


class Machine(RuleBasedStateMachine):
    """The same world with hypothesis as the one who chooses, so that a failure shrinks."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(random.Random(0))  # noqa: S311 # a schedule, no secret
        self.promise = Promise()

    @rule(
        files=st.sets(st.sampled_from(FILES), min_size=1),
        on_error=st.sampled_from(OnError),
        key=st.none() | st.sampled_from(["a", "b"]),
    )
    def initiate(self, files: set[int], on_error: OnError, key: str | None) -> None:
        self.world.initiate(sorted(files), on_error, key)

    @rule(most=st.integers(1, 10), left=st.none() | st.integers(1, 6), after=st.booleans())
    def deliver(self, most: int, left: int | None, after: bool) -> None:
        self.world.fuse = Fuse(left, after)
        self.world.deliver(most)
        self.world.fuse = Fuse()

    @rule(place=st.integers(0, 20))
    def cancel(self, place: int) -> None:
        self.world.cancel(self._job(place))

    @rule(place=st.integers(0, 20))
    def retry(self, place: int) -> None:
        self.world.retry(self._job(place))

    @rule(seconds=st.sampled_from([1, 95, 130, 3600]))
    def wait_and_sweep(self, seconds: int) -> None:
        self.world.wait(timedelta(seconds=seconds))
        self.world.sweep()
        self.world.bury()

    @rule(left=st.none() | st.integers(1, 6), after=st.booleans())
    def publish(self, left: int | None, after: bool) -> None:
        self.world.fuse = Fuse(left, after)
        self.world.publish()
        self.world.fuse = Fuse()

    @rule(tells=st.booleans(), left=st.none() | st.integers(1, 6), after=st.booleans())
    def restored(self, tells: bool, left: int | None, after: bool) -> None:
        self.world.fuse = Fuse(left, after)
        self.world.restored(tells)
        self.world.fuse = Fuse()

    @rule(lose=st.sampled_from([0.0, 0.5, 1.0]), twice=st.sampled_from([0.0, 1.0]))
    def trouble(self, lose: float, twice: float) -> None:
        self.world.lose, self.world.twice = lose, twice

    @invariant()
    def nothing_goes_back(self) -> None:
        self.promise.check(self.world)

    def teardown(self) -> None:
        self.world.settle()
        self.promise.check_end(self.world)

    def _job(self, place: int) -> str:
        known = list(self.world.jobs.jobs)
        return known[place % len(known)] if known else ""


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=200, stateful_step_count=25)
