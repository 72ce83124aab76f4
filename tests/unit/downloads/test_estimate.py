"""Estimates: never in the past, and never silly."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from downloads.estimate import Delay, Pace
from downloads.model import JobStatus
from tests.conftest import NOW, a_job


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
