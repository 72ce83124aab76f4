"""Frames of one job keep their distance; nobody waits for another's."""

import pytest

from downloads import frame_rate
from downloads.frame_rate import BETWEEN_S, FrameRate


class Clock:
    """Time passes while somebody waits, and when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(frame_rate, "monotonic", lambda: made.now)
    return made


def test_a_job_that_changes_all_the_time_is_told_of_at_most_nine_times_in_any_second(clock: Clock) -> None:
    rate, told = FrameRate(clock.wait), []
    while clock.now < 5:
        rate.await_turn("a")
        told.append(clock.now)
        rate.note("a")
        clock.now += 0.005
    assert len(told) > 40
    assert max(sum(at <= other < at + 1 for other in told) for at in told) <= 9


def test_the_first_frame_and_one_after_a_rest_come_at_once(clock: Clock) -> None:
    rate = FrameRate(clock.wait)
    rate.await_turn("a")
    rate.note("a")
    clock.now += BETWEEN_S
    rate.await_turn("a")
    assert clock.waits == []


def test_no_job_waits_for_another(clock: Clock) -> None:
    rate = FrameRate(clock.wait)
    rate.note("a")
    rate.await_turn("b")
    assert clock.waits == []


def test_who_was_told_last_comes_last(clock: Clock) -> None:
    rate = FrameRate(clock.wait)
    for job_id in ("b", "a"):
        rate.note(job_id)
        clock.now += 0.01
    assert rate.in_turn(["a", "b", "new"]) == ["new", "b", "a"]


def test_a_job_is_remembered_no_longer_than_it_has_to(clock: Clock) -> None:
    rate = FrameRate(clock.wait)
    for number in range(1_000):
        rate.note(str(number))
        clock.now += BETWEEN_S / 10
    assert len(rate._told) <= 11


def test_jobs_that_wait_in_one_run_wait_together(clock: Clock) -> None:
    rate = FrameRate(clock.wait)
    for job_id in ("a", "b", "c"):
        rate.note(job_id)
    for job_id in ("a", "b", "c"):
        rate.await_turn(job_id)
    assert sum(clock.waits) == pytest.approx(BETWEEN_S)
