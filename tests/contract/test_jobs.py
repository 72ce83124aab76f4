"""The Jobs port: what every store of jobs must do, the fake and DynamoDB alike."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from downloads.file import FailedFile
from downloads.model import Job, JobStatus
from downloads.ports import Jobs
from tests.conftest import a_job, failed, ready

IDS = [70000, 70007, 70014]


def stored(jobs: Jobs, **changes: object) -> Job:
    job = a_job(total=len(IDS), **changes)
    jobs.create(job, IDS)
    return job


def current(jobs: Jobs, job: Job) -> Job:
    found = jobs.get(job.job_id)
    assert found is not None
    return found


def test_a_created_job_is_read_back_whole(jobs: Jobs) -> None:
    job = stored(jobs, callback_url="https://example.com/hook")
    assert jobs.get(job.job_id) == job
    assert jobs.file_ids(job.job_id) == tuple(IDS)
    assert jobs.results(job.job_id, IDS[0], IDS[-1]) == {}


def test_an_unknown_job_is_none_and_has_no_files(jobs: Jobs) -> None:
    assert jobs.get(str(uuid4())) is None
    assert jobs.file_ids(str(uuid4())) == ()
    assert jobs.cancel(str(uuid4()), a_job().created_at) is None


def test_an_expired_job_is_gone_before_it_is_deleted(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, expires_at=now)
    assert jobs.get(job.job_id) is None
    assert jobs.cancel(job.job_id, now) is None


def test_begin_turns_a_queued_job_to_processing_once(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    begun = jobs.begin(job, now)
    assert (begun.status, begun.started_at, begun.version) == (JobStatus.PROCESSING, now, 2)
    again = jobs.begin(job, now + timedelta(seconds=5))
    assert again == begun == current(jobs, job)


def test_begin_of_a_cancelled_job_answers_that_it_is_cancelled(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.cancel(job.job_id, now)
    assert jobs.begin(job, now).status is JobStatus.CANCELLED


def test_results_are_stored_and_counted(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000), failed(70007)], now)
    after = current(jobs, job)
    assert (after.completed, after.failed, after.remaining, after.version) == (1, 1, 1, 2)
    assert after.status is JobStatus.PROCESSING
    assert jobs.results(job.job_id, 70000, 70014) == {70000: ready(70000), 70007: failed(70007)}
    assert list(jobs.results(job.job_id, 70001, 70007)) == [70007]


def test_a_result_delivered_five_times_counts_once(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    for _ in range(5):
        jobs.record(job, [ready(70000)], now)
    assert (current(jobs, job).completed, current(jobs, job).version) == (1, 2)


def test_a_file_that_stands_twice_in_a_batch_counts_once(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000), failed(70000)], now)
    assert (current(jobs, job).completed, current(jobs, job).failed) == (1, 0)
    assert jobs.results(job.job_id, 70000, 70000) == {70000: ready(70000)}


def test_the_first_result_stands_when_another_comes(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000)], now)
    jobs.record(job, [failed(70000), ready(70007)], now)
    after = current(jobs, job)
    assert (after.completed, after.failed) == (2, 0)
    assert jobs.results(job.job_id, 70000, 70000) == {70000: ready(70000)}


def test_the_last_result_closes_the_job_in_the_same_step(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000), failed(70007)], now)
    end = now + timedelta(seconds=9)
    jobs.record(current(jobs, job), [failed(70014)], end)
    after = current(jobs, job)
    assert (after.status, after.remaining, after.completed_at) == (JobStatus.COMPLETED, 0, end)


def test_a_job_is_closed_even_by_a_writer_that_knew_only_its_start(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    for result in (ready(70000), ready(70007), ready(70014)):
        jobs.record(job, [result], now)
    assert current(jobs, job).status is JobStatus.COMPLETED


def test_a_job_of_failed_files_only_is_failed(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [failed(file_id) for file_id in IDS], now)
    assert current(jobs, job).status is JobStatus.FAILED


@pytest.mark.parametrize("recorded", [[], [70000]])
def test_a_cancelled_job_takes_nothing_more(jobs: Jobs, now: datetime, recorded: list[int]) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(file_id) for file_id in recorded], now)
    cancelled = jobs.cancel(job.job_id, now)
    assert cancelled is not None
    assert cancelled.status is JobStatus.CANCELLED
    jobs.record(job, [ready(70007), ready(70014)], now)
    assert current(jobs, job) == cancelled
    assert list(jobs.results(job.job_id, 70000, 70014)) == recorded


def test_cancelling_again_or_after_the_end_changes_nothing(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    first = jobs.cancel(job.job_id, now)
    assert jobs.cancel(job.job_id, now + timedelta(seconds=1)) == first
    ended = stored(jobs)
    jobs.record(ended, [ready(file_id) for file_id in IDS], now)
    completed = current(jobs, ended)
    assert jobs.cancel(ended.job_id, now) == completed


def test_more_results_than_one_transaction_takes(jobs: Jobs, now: datetime) -> None:
    ids = list(range(10_000, 10_250))
    job = a_job(total=len(ids))
    jobs.create(job, ids)
    jobs.record(job, [ready(file_id) for file_id in ids], now)
    after = current(jobs, job)
    assert (after.completed, after.status) == (250, JobStatus.COMPLETED)
    assert len(jobs.results(job.job_id, ids[0], ids[-1])) == 250


Batches = st.lists(
    st.lists(
        st.tuples(st.sampled_from(range(10)), st.booleans()), max_size=5, unique_by=lambda pair: pair[0]
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=Batches, knows=st.lists(st.integers(0, 11), min_size=12, max_size=12))
def test_any_batches_by_writers_of_any_age_count_exactly(
    jobs: Jobs, now: datetime, batches: list[list[tuple[int, bool]]], knows: list[int]
) -> None:
    """Each batch is recorded by a writer that read the job at some earlier time: the counts still hold."""
    job = a_job(total=10)
    jobs.create(job, [10_000 + place for place in range(10)])
    seen, expected = [job], {}
    for batch, age in zip(batches, knows, strict=False):
        results = [ready(10_000 + place) if good else failed(10_000 + place) for place, good in batch]
        jobs.record(seen[max(0, len(seen) - 1 - age)], results, now)
        for result in results:
            expected.setdefault(result.file_id, result)
        seen.append(current(jobs, job))
    after = seen[-1]
    assert jobs.results(job.job_id, 10_000, 10_009) == expected
    assert after.failed == sum(isinstance(result, FailedFile) for result in expected.values())
    assert after.completed + after.failed == len(expected)
    assert after.status.terminal == (len(expected) == 10)
    assert [job.version for job in seen] == sorted(job.version for job in seen)
