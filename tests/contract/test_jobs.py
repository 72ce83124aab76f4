"""The Jobs port: what every store of jobs must do, the fake and DynamoDB alike."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from downloads.caller import ANONYMOUS
from downloads.claim import Claim
from downloads.errors import ClaimTakenError, ContendedError
from downloads.file import FailedFile
from downloads.model import NOTICE_GRACE, Job, JobStatus, OnError
from downloads.ports import Jobs
from tests.conftest import a_job, failed, ready
from tests.fakes import FakeJobs

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
    assert jobs.results(job, IDS[0], IDS[-1]) == {}


def test_an_unknown_job_is_none_and_has_no_files(jobs: Jobs) -> None:
    assert jobs.get(str(uuid4())) is None
    assert jobs.file_ids(str(uuid4())) == ()
    assert jobs.cancel(str(uuid4()), ANONYMOUS, a_job().created_at) is None


def test_an_expired_job_is_gone_before_it_is_deleted(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, expires_at=now)
    assert jobs.get(job.job_id) is None
    assert jobs.cancel(job.job_id, job.owner, now) is None


def test_begin_turns_a_queued_job_to_processing_once(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    begun = jobs.begin(job, now)
    assert (begun.status, begun.started_at, begun.version) == (JobStatus.PROCESSING, now, 2)
    again = jobs.begin(job, now + timedelta(seconds=5))
    assert again == begun == current(jobs, job)


def test_begin_of_a_cancelled_job_answers_that_it_is_cancelled(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.cancel(job.job_id, job.owner, now)
    assert jobs.begin(job, now).status is JobStatus.CANCELLED


def test_results_are_stored_and_counted(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000), failed(70007)], now)
    after = current(jobs, job)
    assert (after.completed, after.failed, after.remaining, after.version) == (1, 1, 1, 2)
    assert after.status is JobStatus.PROCESSING
    assert jobs.results(job, 70000, 70014) == {70000: ready(70000), 70007: failed(70007)}
    assert list(jobs.results(job, 70001, 70007)) == [70007]


def test_a_result_delivered_five_times_counts_once(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    for _ in range(5):
        jobs.record(job, [ready(70000)], now)
    assert (current(jobs, job).completed, current(jobs, job).version) == (1, 2)


def test_a_file_that_stands_twice_in_a_batch_counts_once(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000), failed(70000)], now)
    assert (current(jobs, job).completed, current(jobs, job).failed) == (1, 0)
    assert jobs.results(job, 70000, 70000) == {70000: ready(70000)}


def test_the_first_result_stands_when_another_comes(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000)], now)
    jobs.record(job, [failed(70000), ready(70007)], now)
    after = current(jobs, job)
    assert (after.completed, after.failed) == (2, 0)
    assert jobs.results(job, 70000, 70000) == {70000: ready(70000)}


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
    cancelled = jobs.cancel(job.job_id, job.owner, now)
    assert cancelled is not None
    assert cancelled.status is JobStatus.CANCELLED
    jobs.record(job, [ready(70007), ready(70014)], now)
    assert current(jobs, job) == cancelled
    assert list(jobs.results(job, 70000, 70014)) == recorded


def test_cancelling_again_or_after_the_end_changes_nothing(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    first = jobs.cancel(job.job_id, job.owner, now)
    assert jobs.cancel(job.job_id, job.owner, now + timedelta(seconds=1)) == first
    ended = stored(jobs)
    jobs.record(ended, [ready(file_id) for file_id in IDS], now)
    completed = current(jobs, ended)
    assert jobs.cancel(ended.job_id, ended.owner, now) == completed


def test_more_results_than_one_transaction_takes(jobs: Jobs, now: datetime) -> None:
    ids = list(range(10_000, 10_250))
    job = a_job(total=len(ids))
    jobs.create(job, ids)
    jobs.record(job, [ready(file_id) for file_id in ids], now)
    after = current(jobs, job)
    assert (after.completed, after.status) == (250, JobStatus.COMPLETED)
    assert len(jobs.results(job, ids[0], ids[-1])) == 250


Batches = st.lists(
    st.lists(
        st.tuples(st.sampled_from(range(10)), st.booleans()), max_size=5, unique_by=lambda pair: pair[0]
    ),
    max_size=12,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    assert jobs.results(job, 10_000, 10_009) == expected
    assert after.failed == sum(isinstance(result, FailedFile) for result in expected.values())
    assert after.completed + after.failed == len(expected)
    assert after.status.terminal == (len(expected) == 10)
    assert [job.version for job in seen] == sorted(job.version for job in seen)


def claim(job: Job, fingerprint: str = "f", **changes: object) -> Claim:
    defaults: dict[str, object] = {"owner": job.owner, "key": "k", "expires_at": job.expires_at}
    return Claim(fingerprint=fingerprint, job_id=job.job_id, **(defaults | changes))  # type: ignore[arg-type] # they fit


def test_a_key_makes_one_job_and_leads_to_it(jobs: Jobs) -> None:
    first, twin = a_job(), a_job()
    jobs.create(first, IDS, claim(first))
    with pytest.raises(ClaimTakenError) as taken:
        jobs.create(twin, IDS, claim(twin, "other"))
    assert taken.value.claim == claim(first)
    assert jobs.get(twin.job_id) is None
    assert jobs.file_ids(twin.job_id) == ()


def test_a_key_is_its_owners_and_ends(jobs: Jobs, now: datetime) -> None:
    first = a_job()
    jobs.create(first, IDS, claim(first, expires_at=now + timedelta(hours=1)))
    other, later = a_job(owner="other"), a_job(created_at=now + timedelta(hours=1))
    jobs.create(other, IDS, claim(other))
    jobs.create(later, IDS, claim(later))
    assert jobs.get(other.job_id) == other
    assert jobs.get(later.job_id) == later


def again(jobs: Jobs, job: Job, now: datetime) -> Job:
    ended = current(jobs, job)
    reopened = ended.reopened(now, now + timedelta(hours=1), now + timedelta(minutes=2))
    jobs.swap(ended, reopened)
    return reopened


def test_a_retry_keeps_what_is_ready_and_counts_the_rest_anew(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000), failed(70007), failed(70014)], now)
    second = again(jobs, job, now)
    assert current(jobs, job) == second
    assert (second.status, second.round, second.remaining) == (JobStatus.PROCESSING, 2, 2)
    assert (second.started_at, second.kept) == (now, 1)
    assert jobs.results(second, 70000, 70014) == {70000: ready(70000)}
    jobs.record(second, [ready(70007), failed(70014), ready(70000)], now)
    after = current(jobs, job)
    assert (after.status, after.completed, after.failed) == (JobStatus.COMPLETED, 2, 1)
    assert jobs.results(after, 70000, 70014) == {
        70000: ready(70000),
        70007: ready(70007),
        70014: failed(70014),
    }


def test_results_of_an_earlier_round_change_nothing(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [ready(70000), failed(70007), failed(70014)], now)
    second = again(jobs, job, now)
    jobs.record(job, [ready(70007)], now)
    assert current(jobs, job) == second
    assert jobs.results(second, 70007, 70007) == {}


def test_only_one_of_two_retries_opens_the_next_round(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [failed(file_id) for file_id in IDS], now)
    ended = current(jobs, job)
    again(jobs, job, now)
    with pytest.raises(ContendedError):
        jobs.swap(ended, ended.reopened(now, now, now))
    assert current(jobs, job).round == 2


def test_fail_fast_ends_the_job_with_the_first_failure(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, on_error=OnError.FAIL_FAST)
    jobs.record(job, [ready(70000)], now)
    assert current(jobs, job).status is JobStatus.PROCESSING
    jobs.record(current(jobs, job), [failed(70007)], now)
    ended = current(jobs, job)
    assert (ended.status, ended.completed, ended.failed, ended.remaining) == (JobStatus.FAILED, 1, 1, 1)
    jobs.record(job, [ready(70014)], now)
    assert current(jobs, job) == ended


def test_the_sweeper_is_told_of_open_jobs_that_are_due(jobs: Jobs, now: datetime) -> None:
    due = now + timedelta(minutes=2)
    waiting, cancelled, ended = stored(jobs), stored(jobs), stored(jobs)
    jobs.cancel(cancelled.job_id, cancelled.owner, now)
    jobs.record(ended, [ready(file_id) for file_id in IDS], now)
    assert list(jobs.due(due - timedelta(seconds=1), 10)) == []
    assert list(jobs.due(due, 10)) == [waiting.job_id]
    jobs.put_off(waiting, due + timedelta(minutes=5), 1)
    assert list(jobs.due(due, 10)) == []
    seen = current(jobs, waiting)
    assert (seen.version, seen.seen_version, seen.sweeps) == (1, 1, 1)
    assert list(jobs.due(due + timedelta(minutes=5), 10)) == [waiting.job_id]


def test_an_ended_job_is_not_put_off_and_a_retried_one_is_due_again(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs)
    jobs.record(job, [failed(file_id) for file_id in IDS], now)
    jobs.put_off(job, now, 1)
    assert list(jobs.due(now + timedelta(days=1), 10)) == []
    again(jobs, job, now)
    assert list(jobs.due(now + timedelta(minutes=2), 10)) == [job.job_id]


def test_an_expired_job_can_be_taken_from_what_is_due(jobs: Jobs, now: datetime) -> None:
    alive, expired = stored(jobs), stored(jobs, expires_at=now)
    for job in (alive, expired):
        jobs.drop(job.job_id, now)
    jobs.drop("unknown", now)
    assert list(jobs.due(now + timedelta(days=1), 10)) == [alive.job_id]


def test_each_minute_begins_with_another_shard(jobs: Jobs, now: datetime) -> None:
    """So that a crowd in one shard cannot starve the others; the fake has one shard."""
    for digit in "0f":
        stored(jobs, job_id=digit + str(uuid4())[1:])
    first = {jobs.due(now + timedelta(minutes=5 + minute), 1)[0][0] for minute in range(16)}
    assert first == ({"0"} if isinstance(jobs, FakeJobs) else {"0", "f"})


def test_the_sweeper_is_told_of_no_more_than_it_asks_for(jobs: Jobs, now: datetime) -> None:
    for _ in range(5):
        stored(jobs)
    assert len(jobs.due(now + timedelta(hours=1), 3)) == 3


CALLBACK = "https://receiver.example/hook"


def close(jobs: Jobs, job: Job, how: str, now: datetime) -> None:
    """Each way in which a job ends."""
    if how == "cancel":
        jobs.cancel(job.job_id, job.owner, now)
    elif how == "record":
        jobs.record(job, [ready(file_id) for file_id in IDS], now)
    else:
        jobs.swap(job, job.counted([failed(file_id) for file_id in IDS], now))


@pytest.mark.parametrize("how", ["cancel", "record", "swap"])
def test_an_ended_job_with_a_callback_is_due_until_its_notice_is_queued(
    jobs: Jobs, now: datetime, how: str
) -> None:
    job, silent = stored(jobs, callback_url=CALLBACK), stored(jobs)
    for each in (job, silent):
        close(jobs, each, how, now)
    ended = current(jobs, job)
    assert (ended.notice_due, current(jobs, silent).notice_due) == (True, False)
    assert list(jobs.due(now + NOTICE_GRACE - timedelta(seconds=1), 10)) == []
    assert list(jobs.due(now + NOTICE_GRACE, 10)) == [job.job_id]
    jobs.notified(ended)
    jobs.notified(ended)
    assert list(jobs.due(now + timedelta(days=1), 10)) == []
    assert current(jobs, job) == replace(ended, check_at=None)


def test_an_end_that_is_due_is_not_put_off(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, callback_url=CALLBACK)
    jobs.cancel(job.job_id, job.owner, now)
    ended = current(jobs, job)
    jobs.put_off(job, now + timedelta(hours=1), 1)
    assert current(jobs, job) == ended


def test_a_late_note_of_an_earlier_end_leaves_the_next_round_alone(jobs: Jobs, now: datetime) -> None:
    job = stored(jobs, callback_url=CALLBACK)
    jobs.record(job, [failed(file_id) for file_id in IDS], now)
    ended = current(jobs, job)
    second = again(jobs, job, now)
    jobs.notified(ended)
    assert current(jobs, job) == second
    assert list(jobs.due(now + timedelta(minutes=2), 10)) == [job.job_id]
