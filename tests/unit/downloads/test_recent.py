"""A worker's memory of jobs: a second at most, one round, and only of jobs that are at work for longer."""

from collections.abc import Iterator

import pytest

from downloads.aws import recent
from downloads.aws.recent import FASTEST, Recent
from downloads.model import Job, JobStatus
from tests.conftest import a_job


class Store:
    def __init__(self, *jobs: Job) -> None:
        self.jobs = {job.job_id: job for job in jobs}
        self.reads: list[str] = []

    def get(self, job_id: str) -> Job | None:
        self.reads.append(job_id)
        return self.jobs.get(job_id)


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [100.0]
    monkeypatch.setattr(recent, "monotonic", lambda: now[0])
    return now


def at_work(total: int = 10_000, **changes: object) -> Job:
    return a_job(total=total, status=JobStatus.PROCESSING, **changes)


def test_a_large_job_at_work_is_read_once_a_second(seconds: list[float]) -> None:
    job = at_work()
    store = Store(job)
    of = Recent(store.get).of
    assert [of(job.job_id, 1) for _ in range(5)] == [job] * 5
    seconds[0] += 0.99
    of(job.job_id, 1)
    assert len(store.reads) == 1
    seconds[0] += 0.02
    of(job.job_id, 1)
    assert len(store.reads) == 2


@pytest.mark.parametrize("remaining", [1, 16, 160])
def test_a_job_is_forgotten_before_it_can_be_done(seconds: list[float], remaining: int) -> None:
    """However many workers there are: who has the last files reads that they are the last."""
    job = at_work(completed=10_000 - remaining)
    store = Store(job)
    of = Recent(store.get).of
    of(job.job_id, 1)
    seconds[0] += remaining / FASTEST
    of(job.job_id, 1)
    assert len(store.reads) == 2


def test_each_job_is_remembered_by_itself(seconds: list[float]) -> None:
    one, other = at_work(), at_work()
    store = Store(one, other)
    of = Recent(store.get).of
    assert [of(job.job_id, 1) for job in (one, other, one, other)] == [one, other, one, other]
    assert store.reads == [one.job_id, other.job_id]


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.CANCELLED, JobStatus.COMPLETED])
def test_no_other_state_is_remembered(seconds: list[float], status: JobStatus) -> None:
    job = a_job(total=10_000, status=status)
    store = Store(job)
    of = Recent(store.get).of
    of(job.job_id, 1), of(job.job_id, 1)
    assert len(store.reads) == 2


def test_what_is_not_there_is_not_remembered(seconds: list[float]) -> None:
    store = Store()
    of = Recent(store.get).of
    assert (of("one", 1), of("one", 1)) == (None, None)
    assert len(store.reads) == 2


def test_a_message_of_the_next_round_has_the_job_read_again(seconds: list[float]) -> None:
    first = at_work()
    store = Store(first)
    of = Recent(store.get).of
    of(first.job_id, 1)
    second = store.jobs[first.job_id] = at_work(job_id=first.job_id, round=2)
    assert of(first.job_id, 2) == second
    assert of(first.job_id, 2) == second
    assert len(store.reads) == 2
