"""Delivering a notice: when the next attempt is due, what an answer means, and that nothing counts twice."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks.webhooks import Webhook

from downloads.errors import KeysUnavailableError, NoticeUnsentError
from downloads.notice import ATTEMPTS, LEASE, WAITS_S, Attempt, Failure, Notice, Outcome, wait_after
from downloads.usecases.deliver import LONGEST_HIDE_S, Mailroom, deliver
from tests.conftest import NOW
from tests.notice_fakes import FakeCallback, FakeDeliveries, FakeKeys, FakeNotices

NOTICE = Notice("a-job", 7, "https://receiver.example/hook", '{"type":"download.completed"}')


@dataclass
class Place:
    """A mailroom with a clock of its own."""

    now: datetime = NOW
    deliveries: FakeDeliveries = field(default_factory=FakeDeliveries)
    notices: FakeNotices = field(default_factory=FakeNotices)
    callback: FakeCallback = field(default_factory=FakeCallback)
    keys: FakeKeys = field(default_factory=FakeKeys)

    def deliver(self, notice: Notice = NOTICE) -> Outcome:
        room = Mailroom(
            self.deliveries, self.notices, self.callback, self.keys, lambda: self.now, chance=lambda: 0.5
        )
        return deliver(notice, "receipt", room)

    def takes(self, time: timedelta) -> Callable[[], None]:
        def pass_time() -> None:
            self.now += time

        return pass_time

    @property
    def log(self) -> list[Attempt]:
        return list(self.deliveries.of(NOTICE.job_id))

    def until_the_end(self, notice: Notice = NOTICE) -> list[datetime]:
        """When each attempt was made, with every hide as long as it was asked for."""
        made = []
        while True:
            before = len(self.callback.got)
            outcome = self.deliver(notice)
            if len(self.callback.got) > before:
                made.append(self.now)
            if outcome not in {Outcome.STARTED, Outcome.FAILED}:
                return made
            self.now += timedelta(seconds=self.notices.hidden[-1][1])


def test_ten_attempts_take_about_three_days() -> None:
    assert ATTEMPTS == 10
    assert timedelta(days=2.5) < timedelta(seconds=sum(WAITS_S) * 0.85)
    assert timedelta(seconds=sum(WAITS_S) * 1.15) < timedelta(days=3.5)


@pytest.mark.parametrize("number", range(1, 10))
def test_waits_are_spread_by_15_percent_each_way(number: int) -> None:
    shortest, middle, longest = (wait_after(number, chance) for chance in (0, 0.5, 1))
    assert middle == timedelta(seconds=WAITS_S[number - 1])
    assert (shortest, longest) == (middle * 0.85, middle * 1.15)


def test_a_2xx_is_the_end_and_another_copy_changes_nothing() -> None:
    place = Place()
    place.callback.meanwhile = place.takes(timedelta(milliseconds=250))
    assert place.deliver() is Outcome.DELIVERED
    assert place.deliver() is Outcome.DELIVERED
    (attempt,) = place.log
    assert (attempt.number, attempt.status, attempt.duration_ms, attempt.next_at) == (1, 200, 250, None)
    assert len(place.callback.got) == 1
    assert place.notices.hidden == []


@pytest.mark.parametrize("answer", [500, 302, 404, 199, Failure.TIMEOUT, Failure.ADDRESS_REFUSED])
def test_ten_failures_at_the_times_of_the_schedule_end_as_a_dead_letter(answer: int | Failure) -> None:
    place = Place(callback=FakeCallback(answer))
    made = place.until_the_end()
    waits = [round((after - before).total_seconds()) for before, after in pairwise(made)]
    assert len(made) == 10
    assert all(due <= wait <= due + 2 for due, wait in zip(WAITS_S, waits, strict=True))
    assert max(seconds for _, seconds in place.notices.hidden) <= LONGEST_HIDE_S < 12 * 3600
    assert [attempt.outcome for attempt in place.log] == [Outcome.FAILED] * 9 + [Outcome.EXHAUSTED]
    assert place.notices.buried == [replace(NOTICE, series=2)]


def test_every_attempt_sends_the_same_bytes_under_the_same_id_with_a_fresh_timestamp() -> None:
    place = Place(callback=FakeCallback(500))
    place.until_the_end()
    assert {(url, body) for url, _, body in place.callback.got} == {(NOTICE.url, NOTICE.body.encode())}
    assert {headers["webhook-id"] for _, headers, _ in place.callback.got} == {"msg_a-job_7"}
    assert len({headers["webhook-timestamp"] for _, headers, _ in place.callback.got}) == 10


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(301, Failure.REDIRECT), (399, Failure.REDIRECT), (500, Failure.STATUS), (Failure.TLS, Failure.TLS)],
)
def test_a_failure_is_recorded_with_its_reason_and_the_next_time(
    answer: int | Failure, failure: Failure
) -> None:
    place = Place(callback=FakeCallback(answer))
    assert place.deliver() is Outcome.FAILED
    (attempt,) = place.log
    assert (attempt.failure, attempt.next_at) == (failure, NOW + timedelta(seconds=5))
    assert attempt.status == (answer if not isinstance(answer, Failure) else None)


def test_410_stops_the_notices_of_the_job_and_is_no_dead_letter() -> None:
    place = Place(callback=FakeCallback(410))
    assert place.deliver() is Outcome.STOPPED
    assert place.deliver() is Outcome.STOPPED
    assert place.deliver(replace(NOTICE, version=12)) is Outcome.STOPPED
    assert [(attempt.status, attempt.failure) for attempt in place.log] == [(410, Failure.GONE)]
    assert place.notices.buried == []


def test_a_message_that_comes_too_early_is_hidden_for_the_rest() -> None:
    place = Place(callback=FakeCallback(500))
    place.deliver()
    place.now += timedelta(seconds=2)
    assert place.deliver() is Outcome.FAILED
    assert [seconds for _, seconds in place.notices.hidden] == [5, 3]
    assert len(place.callback.got) == 1


def test_two_copies_at_once_make_one_attempt() -> None:
    place = Place()
    copies: list[Outcome] = []
    place.callback.meanwhile = lambda: copies.append(place.deliver())
    assert place.deliver() is Outcome.DELIVERED
    assert copies == [Outcome.STARTED]
    assert len(place.callback.got) == 1


def test_copies_that_both_saw_no_attempt_make_one() -> None:
    class Late(FakeDeliveries):
        """Another copy begins between this one's look and its own beginning."""

        def begin(self, attempt: Attempt) -> bool:
            super().begin(replace(attempt, at=attempt.at - timedelta(seconds=1)))
            return super().begin(attempt)

    place = Place(deliveries=Late())
    assert place.deliver() is Outcome.STARTED
    assert place.callback.got == []
    assert place.notices.hidden == [("receipt", 65)]


class CrashError(BaseException):
    """The function's process ended here."""


def crash() -> None:
    raise CrashError


def test_a_crash_after_sending_costs_one_attempt_and_its_wait() -> None:
    place = Place(callback=FakeCallback(200, meanwhile=crash))
    with pytest.raises(CrashError):
        place.deliver()
    place.callback.meanwhile = lambda: None
    assert place.deliver() is Outcome.STARTED
    assert len(place.callback.got) == 1
    place.now += LEASE + timedelta(seconds=5)
    assert place.deliver() is Outcome.DELIVERED
    assert [attempt.outcome for attempt in place.log] == [Outcome.STARTED, Outcome.DELIVERED]


def test_crashes_at_every_attempt_end_as_a_dead_letter() -> None:
    place = Place(callback=FakeCallback(200, meanwhile=crash))
    for _ in range(ATTEMPTS):
        with pytest.raises(CrashError):
            place.deliver()
        place.now += timedelta(days=2)
    assert place.deliver() is Outcome.EXHAUSTED
    last = place.log[-1]
    assert (last.outcome, last.failure, last.duration_ms) == (Outcome.EXHAUSTED, Failure.BROKEN_OFF, None)
    assert len(place.notices.buried) == 1


def test_dead_letters_that_cannot_be_written_are_tried_again() -> None:
    place = Place(callback=FakeCallback(500))
    for _ in range(ATTEMPTS - 1):
        place.deliver()
        place.now += timedelta(days=2)
    place.notices.down = True
    with pytest.raises(NoticeUnsentError):
        place.deliver()
    place.notices.down = False
    assert place.deliver() is Outcome.EXHAUSTED
    assert (len(place.callback.got), len(place.notices.buried)) == (10, 1)


def test_a_redriven_dead_letter_has_ten_attempts_more() -> None:
    place = Place(callback=FakeCallback(500))
    place.until_the_end()
    (letter,) = place.notices.buried
    assert len(place.until_the_end(letter)) == 10
    assert [attempt.number for attempt in place.log] == list(range(1, 21))
    assert place.notices.buried[1].series == 3


def test_a_secret_that_cannot_be_read_costs_no_attempt() -> None:
    place = Place(keys=FakeKeys([]))
    with pytest.raises(KeysUnavailableError):
        place.deliver()
    assert (place.log, place.callback.got) == ([], [])


def test_a_receiver_with_the_old_or_the_new_secret_verifies() -> None:
    new, old = b"n" * 24, b"o" * 64
    place = Place(now=datetime.now(NOW.tzinfo), keys=FakeKeys([new, old]))
    place.deliver()
    ((_, headers, body),) = place.callback.got
    for key in (new, old):
        assert Webhook(key).verify(body, dict(headers)) == {"type": "download.completed"}
