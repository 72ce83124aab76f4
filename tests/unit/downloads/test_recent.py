"""A worker's memory of jobs: a second, one round, and only of jobs that are at work."""

from collections.abc import Iterator

import pytest

from downloads.aws import recent
from downloads.aws.recent import Recent
from downloads.model import Job, JobStatus
from tests.conftest import a_job


class Store:
    def __init__(self, job: Job | None) -> None:
        self.job = job
        self.reads = 0

    def get(self, job_id: str) -> Job | None:
        self.reads += 1
        return self.job


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    now = [100.0]
    monkeypatch.setattr(recent, "monotonic", lambda: now[0])
    return now


def test_a_job_at_work_is_read_once_a_second(seconds: list[float]) -> None:
    job = a_job(total=100, status=JobStatus.PROCESSING)
    store = Store(job)
    of = Recent(store.get).of
    assert [of(job.job_id, 1) for _ in range(5)] == [job] * 5
    seconds[0] += 0.99
    of(job.job_id, 1)
    assert store.reads == 1
    seconds[0] += 0.02
    of(job.job_id, 1)
    assert store.reads == 2


@pytest.mark.parametrize("status", [JobStatus.QUEUED, JobStatus.CANCELLED, JobStatus.COMPLETED])
def test_no_other_state_is_remembered(seconds: list[float], status: JobStatus) -> None:
    store = Store(a_job(status=status))
    of = Recent(store.get).of
    of("one", 1), of("one", 1)
    assert store.reads == 2


def test_what_is_not_there_is_not_remembered(seconds: list[float]) -> None:
    store = Store(None)
    of = Recent(store.get).of
    assert (of("one", 1), of("one", 1)) == (None, None)
    assert store.reads == 2


def test_a_message_of_the_next_round_has_the_job_read_again(seconds: list[float]) -> None:
    store = Store(a_job(status=JobStatus.PROCESSING))
    of = Recent(store.get).of
    of("one", 1)
    store.job = a_job(status=JobStatus.PROCESSING, round=2)
    assert of("one", 2) == store.job
    assert of("one", 2) == store.job
    assert store.reads == 2
