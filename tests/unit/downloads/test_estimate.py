"""Estimates: never in the past, and never silly."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from downloads.bundle import BundleFormat, wanted
from downloads.estimate import Delay, Pace
from downloads.model import Job, JobStatus
from tests.conftest import NOW, a_job, failed, ready


def test_more_files_take_longer_and_more_workers_shorter() -> None:
    assert Pace(5).first_guess_ms(1000) > Pace(5).first_guess_ms(10)
    assert Pace(50).first_guess_ms(1000) < Pace(5).first_guess_ms(1000)


def test_a_simulated_delay_counts() -> None:
    delayed = Pace(5, Delay(10_000, 120_000))
    assert delayed.first_guess_ms(1) - Pace(5).first_guess_ms(1) == 65_000
    assert delayed.first_guess_ms(1000) - Pace(5).first_guess_ms(1000) > 119_000


def test_a_job_half_way_ends_in_as_much_time_again() -> None:
    job = a_job(total=10, completed=5, status=JobStatus.PROCESSING, started_at=NOW)
    later = NOW + timedelta(seconds=30)
    assert Pace(5).completion(job, later) == NOW + timedelta(seconds=60)
    assert Pace(5).poll_again_s(job, later) == 3


def test_a_round_has_a_pace_of_its_own_and_the_pause_before_it_is_none_of_it() -> None:
    ended = a_job(total=10, started_at=NOW).counted([*map(ready, range(8)), failed(8), failed(9)], NOW)
    retried_at = NOW + timedelta(hours=3)
    job = ended.reopened(retried_at, NOW + timedelta(days=1), retried_at)
    first = retried_at + timedelta(milliseconds=Pace(5).first_guess_ms(2))
    assert Pace(5).completion(job, retried_at) == first
    later = retried_at + timedelta(seconds=30)
    assert Pace(5).completion(job, later) == later
    assert Pace(5).completion(job.counted([ready(8)], later), later) == retried_at + timedelta(seconds=60)


@given(done=st.integers(0, 99), seconds=st.integers(0, 100_000))
def test_an_estimate_is_never_past_and_polling_stays_between_1_and_10_s(done: int, seconds: int) -> None:
    job = a_job(total=100, completed=done, status=JobStatus.PROCESSING, started_at=NOW)
    later = NOW + timedelta(seconds=seconds)
    end = Pace(5).completion(job, later)
    assert end is not None
    assert end >= later
    assert 1 <= Pace(5).poll_again_s(job, later) <= 10


def test_an_ended_job_has_no_estimate() -> None:
    assert Pace(5).completion(a_job(status=JobStatus.CANCELLED), NOW) is None


def bundled(done: int, total: int) -> Job:
    job = a_job(total=1, bundle=wanted(BundleFormat.ZIP)).counted([ready(70000)], NOW)
    assert job.bundle
    return job.bundled(job.bundle.begun(total, NOW).at(done), NOW) if total else job


def test_a_bundle_goes_on_at_its_own_pace() -> None:
    later = NOW + timedelta(seconds=30)
    assert Pace(5).completion(bundled(25, 100), later) == later + timedelta(seconds=90)
    before = Pace(5).completion(bundled(0, 4 * 10**9), NOW)
    assert before == NOW + timedelta(seconds=105)
    assert Pace(5).completion(bundled(0, 0), NOW) == NOW + timedelta(seconds=5)


def test_a_bundle_that_is_larger_than_was_thought_ends_soon() -> None:
    end = Pace(5).completion(bundled(101, 100), NOW + timedelta(seconds=9))
    assert end == NOW + timedelta(seconds=14)


def test_a_job_that_will_be_bundled_takes_longer() -> None:
    assert Pace(5).first_guess_ms(1, bundled=True) == Pace(5).first_guess_ms(1) + 5_000
