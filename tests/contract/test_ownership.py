"""Jobs belong to their owners: reads, cancels, lists and claims of another see nothing."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from downloads.claim import Claim
from downloads.errors import ContendedError
from downloads.model import Job, JobPage, JobStatus, Place
from downloads.ports import Jobs
from tests.conftest import a_job, ready

ALICE, BOB = "user:alice", "user:bob"
IDS = [70000, 70007, 70014]


def stored(jobs: Jobs, owner: str, number: int, now: datetime) -> Job:
    """Jobs of growing numbers are younger, and their ids sort the other way."""
    job_id = str(UUID(int=10_000 - number, version=4))
    job = a_job(total=3, owner=owner, job_id=job_id, created_at=now + timedelta(seconds=number))
    jobs.create(job, IDS)
    return job


def walk(jobs: Jobs, owner: str, limit: int) -> list[list[str]]:
    pages: list[JobPage] = [jobs.listed(owner, limit)]
    while pages[-1].after:
        pages.append(jobs.listed(owner, limit, pages[-1].after))
    return [[job.job_id for job in page.jobs] for page in pages]


def test_another_owner_reads_nothing(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, ALICE, 1, now)
    assert jobs.owned(job.job_id, ALICE) == job
    assert jobs.owned(job.job_id, BOB) is None


def test_another_owner_cancels_nothing(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, ALICE, 1, now)
    assert jobs.cancel(job.job_id, BOB, now) is None
    assert jobs.get(job.job_id) == job
    ended = jobs.cancel(job.job_id, ALICE, now)
    assert ended is not None
    assert ended.status is JobStatus.CANCELLED
    assert jobs.cancel(job.job_id, BOB, now) is None


def test_a_job_is_not_swapped_into_another_owners(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, ALICE, 1, now)
    with pytest.raises(ContendedError):
        jobs.swap(replace(job, version=7, owner=BOB), replace(job, version=8, owner=BOB))
    assert jobs.get(job.job_id) == job


def test_a_list_is_the_owners_newest_first(jobs: Jobs, now: datetime) -> None:
    mine = [stored(jobs, ALICE, number, now).job_id for number in range(5)]
    stored(jobs, BOB, 7, now)
    assert [job_id for page in walk(jobs, ALICE, 100) for job_id in page] == mine[::-1]
    assert [job_id for page in walk(jobs, ALICE, 2) for job_id in page] == mine[::-1]
    assert max(map(len, walk(jobs, ALICE, 2))) == 2
    assert jobs.listed("user:nobody", 10).jobs == []


def test_a_list_tells_how_jobs_were_settled(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, ALICE, 1, now)
    jobs.record(job, [ready(70000)], now)
    jobs.settle(job.job_id)
    (listed,) = jobs.listed(ALICE, 10).jobs
    assert listed == jobs.get(job.job_id)
    assert listed.completed == 1


def test_an_expired_job_is_not_listed(jobs: Jobs, now: datetime) -> None:
    jobs.create(a_job(total=3, owner=ALICE, expires_at=now), IDS)
    living = stored(jobs, ALICE, 1, now)
    assert [job_id for page in walk(jobs, ALICE, 1) for job_id in page] == [living.job_id]


def test_a_place_in_another_owners_list_moves_in_ones_own(jobs: Jobs, now: datetime) -> None:
    older, his = stored(jobs, ALICE, 1, now), stored(jobs, BOB, 2, now)
    stored(jobs, ALICE, 3, now)
    page = jobs.listed(ALICE, 10, Place(his.created_at, his.job_id))
    assert [job.job_id for job in page.jobs] == [older.job_id]


def test_what_is_withheld_is_written_with_the_job(jobs: Jobs, now: datetime) -> None:
    job, free = a_job(total=3, owner=ALICE), stored(jobs, ALICE, 1, now)
    jobs.create(job, IDS, None, {70007, 70014})
    assert jobs.file_ids(job.job_id) == tuple(IDS)
    assert jobs.withheld(job.job_id) == {70007, 70014}
    assert jobs.withheld(free.job_id) == frozenset()


def test_a_claim_is_its_owners(jobs: Jobs, now: datetime) -> None:
    job = a_job(total=3, owner=ALICE)
    claim = Claim(ALICE, "key", "digest", job.job_id, now + timedelta(hours=1))
    jobs.create(job, IDS, claim)
    assert jobs.claimed(ALICE, "key", now) == claim
    assert jobs.claimed(BOB, "key", now) is None
    assert jobs.claimed(ALICE, "key", claim.expires_at) is None
