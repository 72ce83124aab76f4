"""Jobs with a bundle in every store of jobs: due with the last file, in the same write."""

from datetime import datetime, timedelta
from typing import Any

import boto3

from downloads.bundle import BundleError, BundleFormat, wanted
from downloads.model import Job, JobStatus
from downloads.ports import Jobs
from tests.aws import dynamo_jobs
from tests.conftest import a_job, failed, ready
from tests.contract.conftest import make_table

IDS = [70000, 70007, 70014]


def bundled(jobs: Jobs, now: datetime) -> tuple[Job, Job]:
    """A job as it was created, and with its bundle due."""
    job = a_job(total=3, bundle=wanted(BundleFormat.ZIP))
    jobs.create(job, IDS)
    jobs.record(job, [ready(70000)], now)
    jobs.record(job, [ready(70007), failed(70014)], now)
    return job, current(jobs, job)


def current(jobs: Jobs, job: Job) -> Job:
    found = jobs.get(job.job_id)
    assert found is not None
    return found


def test_the_last_result_makes_the_bundle_due_and_the_sweeper_look(jobs: Jobs, now: datetime) -> None:
    created, job = bundled(jobs, now)
    assert job == created.counted([ready(70000)], now).counted([ready(70007), failed(70014)], now)
    assert job.bundle_due
    assert jobs.due(now + timedelta(minutes=1), 9) == []
    assert jobs.due(now + timedelta(minutes=2), 9) == [job.job_id]


def test_what_comes_twice_while_it_is_bundled_counts_no_more(jobs: Jobs, now: datetime) -> None:
    created, job = bundled(jobs, now)
    jobs.record(created, [ready(70007), failed(70014)], now)
    assert current(jobs, job) == job


def test_progress_and_the_end_are_read_back_whole(jobs: Jobs, now: datetime) -> None:
    _, job = bundled(jobs, now)
    assert job.bundle
    far = job.bundled(job.bundle.begun(5 * 10**9, now).at(10**9), now)
    jobs.swap(job, far)
    assert current(jobs, job) == far
    assert far.bundle
    ended = far.bundled(far.bundle.failed(BundleError.UPLOAD_LOST), now)
    jobs.swap(far, ended)
    assert current(jobs, job) == ended
    assert jobs.due(now + timedelta(days=1) - timedelta(seconds=1), 9) == []


def test_a_cancel_fails_the_bundle_in_the_same_write(jobs: Jobs, now: datetime) -> None:
    _, job = bundled(jobs, now)
    cancelled = jobs.cancel(job.job_id, job.owner, now)
    assert cancelled == job.cancelled(now) == current(jobs, job)
    assert cancelled
    assert (cancelled.status, cancelled.bundle and cancelled.bundle.error) == (
        JobStatus.CANCELLED,
        BundleError.JOB_ENDED,
    )


def test_a_job_of_which_nothing_is_ready_ends_without_a_bundle(jobs: Jobs, now: datetime) -> None:
    job = a_job(total=3, bundle=wanted(BundleFormat.ZIP))
    jobs.create(job, IDS)
    jobs.record(job, [failed(file_id) for file_id in IDS], now)
    ended = current(jobs, job)
    assert (ended.status, ended.bundle and ended.bundle.error) == (
        JobStatus.FAILED,
        BundleError.NOTHING_READY,
    )


def test_a_cancel_that_meets_the_bundlers_begin_knows_what_is_to_be_cleared_away(
    aws: None, now: datetime
) -> None:
    client = boto3.client("dynamodb")
    table = make_table(client)
    jobs = dynamo_jobs(client, table, clock=lambda: now)
    _, job = bundled(jobs, now)

    begins = Begins(client, jobs, job, now)
    cancelled = dynamo_jobs(begins, table, clock=lambda: now).cancel(job.job_id, job.owner, now)
    assert cancelled == current(jobs, job)
    assert cancelled
    assert cancelled.bundle_given_up


class Begins:
    """A client before whose first update the bundler begins."""

    def __init__(self, client: Any, jobs: Jobs, job: Job, now: datetime) -> None:
        self._client, self._jobs, self._job, self._now = client, jobs, job, now

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def update_item(self, **update: Any) -> Any:
        bundle = self._job.bundle
        if bundle and current(self._jobs, self._job) == self._job:
            self._jobs.swap(self._job, self._job.bundled(bundle.begun(1000, self._now), self._now))
        return self._client.update_item(**update)
