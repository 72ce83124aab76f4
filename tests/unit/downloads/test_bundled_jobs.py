"""Jobs with a bundle: what may follow what, and how far they are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from downloads.bundle import BUNDLE_REASONS, BUNDLE_TIME, BundleError, BundleFormat, BundleStatus, wanted
from downloads.file import FailedFile, PreparedFile
from downloads.model import LAST_CALL, NOTICE_GRACE, Job, JobStatus, OnError
from tests.conftest import NOW, a_job, failed, ready


def bundled(*results: PreparedFile | FailedFile, **changes: object) -> Job:
    return a_job(total=2, bundle=wanted(BundleFormat.ZIP), **changes).counted(results, NOW)


def state(job: Job) -> tuple[JobStatus, BundleStatus, BundleError | None]:
    assert job.bundle
    return job.status, job.bundle.status, job.bundle.error


def test_every_reason_has_words() -> None:
    assert set(BUNDLE_REASONS) == set(BundleError)


def test_the_last_file_makes_the_bundle_due_and_gives_it_time() -> None:
    half = bundled(ready(70000))
    assert (state(half), half.percentage) == ((JobStatus.PROCESSING, BundleStatus.PENDING, None), 25)
    job = half.counted([failed(70007)], NOW)
    assert (state(job), job.percentage) == ((JobStatus.PROCESSING, BundleStatus.PROCESSING, None), 50)
    assert (job.bundle_due, job.completed_at) == (True, None)
    assert job.check_at == NOW + NOTICE_GRACE


def test_six_hours_are_counted_from_the_begin_and_not_while_it_waits_behind_others() -> None:
    job = bundled(ready(70000), ready(70007))
    assert job.bundle
    assert job.deadline_at == job.expires_at - LAST_CALL
    late = NOW + timedelta(hours=7)
    assert not job.overdue(late)
    begun = job.bundled(job.bundle.begun(1000, late), late)
    assert begun.deadline_at == late + BUNDLE_TIME
    assert begun.bundle
    assert begun.bundled(begun.bundle.at(10), late + timedelta(hours=1)).deadline_at == begun.deadline_at


def test_a_job_that_expires_sooner_leaves_its_bundle_less() -> None:
    job = bundled(ready(70000), ready(70007), expires_at=NOW + BUNDLE_TIME)
    assert job.bundle
    assert job.bundled(job.bundle.begun(9, NOW), NOW).deadline_at == NOW + BUNDLE_TIME - LAST_CALL


@pytest.mark.parametrize(
    ("results", "on_error", "error"),
    [
        ((failed(70000), failed(70007)), OnError.CONTINUE, BundleError.NOTHING_READY),
        ((ready(70000), failed(70007)), OnError.FAIL_FAST, BundleError.JOB_ENDED),
    ],
)
def test_a_job_that_failed_has_no_bundle(
    results: tuple[PreparedFile | FailedFile, ...], on_error: OnError, error: BundleError
) -> None:
    job = bundled(*results, on_error=on_error)
    assert state(job) == (JobStatus.FAILED, BundleStatus.FAILED, error)
    assert (job.bundle_given_up, job.percentage) == (False, 100)


def test_the_job_ends_with_its_bundle_and_hundred_percent_are_the_end() -> None:
    job = bundled(ready(70000), ready(70007))
    assert job.bundle
    begun = job.bundle.begun(1000, NOW)
    seen = [job.bundled(begun.at(done), NOW).percentage for done in (0, 500, 999, 1000, 1001)]
    assert seen == [50, 75, 99, 99, 99]
    ended = job.bundled(begun.completed(990), NOW)
    assert (state(ended), ended.percentage) == ((JobStatus.COMPLETED, BundleStatus.COMPLETED, None), 100)
    assert (ended.version, ended.completed_at) == (job.version + 1, NOW)


def test_a_bundle_that_failed_costs_no_file_and_what_has_ended_stays() -> None:
    job = bundled(ready(70000), ready(70007), callback_url="https://example.com/hook")
    assert job.bundle
    ended = job.bundled(job.bundle.begun(9, NOW).failed(BundleError.FILE_CHANGED), NOW)
    assert state(ended) == (JobStatus.COMPLETED, BundleStatus.FAILED, BundleError.FILE_CHANGED)
    assert (ended.bundle_given_up, ended.notice_due, ended.percentage) == (True, True, 100)
    assert ended.bundle
    assert ended.bundle.failed(BundleError.JOB_ENDED) == ended.bundle


def test_a_cancel_ends_the_bundle_too() -> None:
    job = bundled(ready(70000)).cancelled(NOW)
    assert state(job) == (JobStatus.CANCELLED, BundleStatus.FAILED, BundleError.JOB_ENDED)
    assert job.percentage == 25


def test_a_cancel_while_bundling_leaves_the_progress_where_it_was() -> None:
    job = bundled(ready(70000), ready(70007))
    assert job.bundle
    begun = job.bundled(job.bundle.begun(1000, NOW).at(500), NOW)
    assert (job.cancelled(NOW).percentage, begun.cancelled(NOW).percentage) == (50, 75)


def test_the_next_round_bundles_anew_at_once_where_every_file_is_ready() -> None:
    some = bundled(ready(70000), failed(70007)).reopened(NOW, NOW, NOW)
    assert state(some) == (JobStatus.PROCESSING, BundleStatus.PENDING, None)
    every = replace(bundled(ready(70000), ready(70007)), status=JobStatus.COMPLETED).reopened(NOW, NOW, NOW)
    assert every.bundle_due
    # Not the hour that a round of files has.
    assert every.deadline_at == every.expires_at - LAST_CALL
