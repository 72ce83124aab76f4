"""What a new job costs its account, and when it costs nothing."""

from datetime import datetime, timedelta

import pytest

from downloads.callback import Guard
from downloads.claim import Claim
from downloads.entitlements import Everything
from downloads.errors import ContendedError, RefusedFilesError
from downloads.limits import Limits, Schedule
from downloads.usecases.initiate import Intake, Order, initiate
from tests.conftest import NOW, SOMEONE
from tests.fakes import FakeAllowances, FakeJobs, FakeQueue

SCHEDULE = Schedule(ttl=timedelta(days=1), deadline=timedelta(hours=1), grace=timedelta(minutes=2))
ORDER = Order([70000], SOMEONE, key="k")


class LateClaims(FakeJobs):
    """Twins that do not see each other's claim before they write."""

    def claimed(self, owner: str, key: str, now: datetime) -> Claim | None:
        return None


class Twins(LateClaims):
    def create(self, *_: object) -> None:
        raise ContendedError


def intake(jobs: FakeJobs) -> Intake:
    limits = Limits(10_000, 100_000, 3)
    return Intake(jobs, FakeQueue(), FakeAllowances(jobs), Everything(), limits, SCHEDULE, Guard())


def remaining(needs: Intake) -> int:
    return needs.allowances.standing(SOMEONE.account, NOW).remaining


def places(needs: Intake) -> set[str]:
    assert isinstance(needs.allowances, FakeAllowances)
    return set(needs.allowances.places.get(SOMEONE.account, {}))


def test_a_job_costs_a_token_and_a_place() -> None:
    needs = intake(FakeJobs(clock=NOW))
    job = initiate(ORDER, needs, NOW).job
    assert (remaining(needs), places(needs)) == (19, {job.job_id})


def test_a_replay_costs_nothing() -> None:
    needs = intake(FakeJobs(clock=NOW))
    first = initiate(ORDER, needs, NOW)
    again = initiate(ORDER, needs, NOW)
    assert (again.job, again.replayed) == (first.job, True)
    assert (remaining(needs), places(needs)) == (19, {first.job.job_id})


def test_a_twin_gives_its_place_back() -> None:
    needs = intake(LateClaims(clock=NOW))
    first = initiate(ORDER, needs, NOW)
    assert initiate(ORDER, needs, NOW).job == first.job
    assert places(needs) == {first.job.job_id}


def test_a_twin_of_this_moment_gives_its_place_back() -> None:
    needs = intake(Twins(clock=NOW))
    with pytest.raises(ContendedError):
        initiate(ORDER, needs, NOW)
    assert places(needs) == set()


def test_what_is_refused_costs_nothing() -> None:
    needs = intake(FakeJobs(clock=NOW))
    with pytest.raises(RefusedFilesError):
        initiate(Order([1], SOMEONE), needs, NOW)
    assert (remaining(needs), places(needs)) == (20, set())
