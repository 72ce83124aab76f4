"""A cancel between any two calls of its rivals, and they between its own: one end, counters frozen."""

from collections.abc import Callable

import pytest

from tests.unit.simulation.promise import Promise
from tests.unit.simulation.test_crashes import calls_of, dead, ended, half_done, lost, only_job, overdue
from tests.unit.simulation.world import Fuse, World

Act = Callable[[World], None]


def cancel(world: World) -> None:
    world.cancel(only_job(world))


def redelivered() -> World:
    """Every file has been delivered; all but the last are counted, and all messages come once more."""
    world = half_done()
    copies = dict(world.messages)
    world.deliver(2)
    world.messages = copies
    return world


RIVALS: dict[str, tuple[Callable[[], World], Act]] = {
    "the last file": (half_done, lambda world: world.deliver()),
    "a redelivery": (redelivered, lambda world: world.deliver()),
    "a retry": (ended, lambda world: world.retry(only_job(world))),
    "a sweep": (lost, lambda world: world.sweep()),
    "the deadline": (overdue, lambda world: world.sweep()),
    "dead letters": (dead, lambda world: world.bury()),
}


def races() -> list[tuple[str, int, bool, bool]]:
    """Rival, call, before or after it, and whether the cancel comes between or is what is interrupted."""
    return [
        (rival, call, after, between)
        for rival, (start, act) in RIVALS.items()
        for between in (True, False)
        for call in range(1, calls_of(start, act if between else cancel) + 1)
        for after in (False, True)
    ]


@pytest.mark.parametrize(("rival", "call", "after", "between"), races())
def test_a_cancel_and_its_rival_leave_one_end(rival: str, call: int, after: bool, between: bool) -> None:
    start, act = RIVALS[rival]
    world, promise = start(), Promise()
    promise.check(world)
    outer, inner = (act, cancel) if between else (cancel, act)
    world.fuse = Fuse(call, after, meanwhile=lambda: _unguarded(world, inner, promise))
    outer(world)
    promise.check(world)
    world.settle()
    world.accepted = list(world.jobs.jobs)
    promise.check_end(world)


def _unguarded(world: World, act: Act, promise: Promise) -> None:
    world.fuse = Fuse()
    act(world)
    promise.check(world)
