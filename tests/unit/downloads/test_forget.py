"""Forgetting one user: slice by slice, from the beginning at any time, until nothing is left."""

from datetime import datetime

import pytest

from downloads.errors import HistoryDownError
from downloads.model import JobStatus
from downloads.usecases.forget import Shredder, forget
from tests.conftest import a_job
from tests.history_fakes import FakeHistory, FakeHoldings

OWNER = "user:ann"


class Time:
    """Enough for so many steps; there is always one more."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> bool:
        self.steps -= 1
        return self.steps >= 0


def holdings() -> FakeHoldings:
    return FakeHoldings({f"job-{number}": 3 for number in range(5)}, account_items=2, strays=[0, 4, 0])


def test_in_one_call_everything_goes(now: datetime) -> None:
    held, history = holdings(), FakeHistory()
    kept = a_job(owner=OWNER, status=JobStatus.FAILED, created_at=now)
    history.keep(kept, [])
    told = forget(OWNER, Shredder(held, history, lambda: True), now)
    assert (told.jobs, told.items, told.history, told.looked_at) == (5, 5 * 3 + 2 + 4, 1, 3_000)
    assert told.done
    assert not history.keep(kept, [])
    again = forget(OWNER, Shredder(held, history, lambda: True), now)
    assert (again.jobs, again.items, again.history, again.done) == (0, 0, 0, True)


@pytest.mark.parametrize("steps", [0, 1, 2, 4])
def test_slices_of_any_length_come_to_the_same_end(steps: int, now: datetime) -> None:
    held, history = holdings(), FakeHistory()
    total, after, calls = 0, None, 0
    while True:
        told = forget(OWNER, Shredder(held, history, Time(steps)), now, after)
        total, after, calls = total + told.items, told.after, calls + 1
        assert calls < 20
        if told.done:
            break
    assert total == 5 * 3 + 2 + 4
    assert calls > 1
    assert (held.job_items, held.account_items, sum(held.strays)) == ({}, 0, 0)


def test_a_history_that_is_down_is_no_end(now: datetime) -> None:
    held, history = holdings(), FakeHistory(down=True)
    with pytest.raises(HistoryDownError):
        forget(OWNER, Shredder(held, history, lambda: True), now)
    history.down = False
    assert forget(OWNER, Shredder(held, history, lambda: True), now).done


def test_without_a_history_the_table_alone_is_cleared(now: datetime) -> None:
    assert forget(OWNER, Shredder(holdings(), None, lambda: True), now).done
