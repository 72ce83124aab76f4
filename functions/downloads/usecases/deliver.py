"""Deliver a notice: one attempt at a time, each written down before it is made and after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from downloads.errors import CallbackFailedError
from downloads.notice import LEASE, Attempt, Notice, Outcome, wait_after
from downloads.notice_ports import Callback, Deliveries, Keys, Notices
from downloads.ports import unheard
from downloads.signing import headers

# SQS hides a message until 12 h after it was received at most; a longer wait is several hides.
LONGEST_HIDE_S = 43_000


@dataclass(frozen=True, slots=True)
class Mailroom:
    """What delivering needs; ``chance`` draws between 0 and 1, for the jitter of the waits.

    ``on_attempt`` is told how each attempt ended.
    """

    deliveries: Deliveries
    notices: Notices
    callback: Callback
    keys: Keys
    clock: Callable[[], datetime]
    chance: Callable[[], float]
    on_attempt: Callable[[Attempt], None] = unheard


def deliver(notice: Notice, receipt: str, room: Mailroom) -> Outcome:
    """Makes the next attempt if it is time for it; the answer says how the notice stands then.

    The record decides, not the message: a message that comes too early, twice, or after a crash changes
    nothing, and an attempt that broke off counts as one. Started and failed notices are hidden and have
    to be kept in the queue. A receiver that answered 410 is sent no more of the job.
    Raises NoticeUnsentError, StateUnavailableError, KeysUnavailableError: the message comes again.
    """
    past = room.deliveries.of(notice.job_id)
    if any(attempt.outcome is Outcome.STOPPED for attempt in past):
        return Outcome.STOPPED
    last = max(
        (one for one in past if one.version == notice.version), key=lambda one: one.number, default=None
    )
    if last and last.outcome is Outcome.DELIVERED:
        return Outcome.DELIVERED
    if last and last.next_at and room.clock() < last.next_at:
        return _wait(last, receipt, room)
    if last and last.number >= notice.most_attempts:
        return _give_up(notice, last, room)
    return _settle(notice, _attempt(notice, last.number + 1 if last else 1, room), receipt, room)


def _attempt(notice: Notice, number: int, room: Mailroom) -> Attempt:
    # Before anything is counted: a secret that cannot be read is no fault of the receiver.
    keys = room.keys.live()
    wait, now = wait_after(number, room.chance()), room.clock()
    until = now + LEASE + (wait or timedelta())
    attempt = Attempt(notice.job_id, notice.version, number, now, next_at=until, owner=notice.owner)
    if not room.deliveries.begin(attempt):
        # A copy of the message got there first: what becomes of it is in the record by then.
        return attempt
    body = notice.body.encode()
    try:
        signed = headers(notice.webhook_id, int(now.timestamp()), body, keys)
        status = room.callback.post(notice.url, signed, body)
    except CallbackFailedError as error:
        ended = attempt.failed(error.failure, room.clock(), wait)
    else:
        ended = attempt.answered(status, room.clock(), wait)
    room.deliveries.end(ended)
    room.on_attempt(ended)
    return ended


def _settle(notice: Notice, attempt: Attempt, receipt: str, room: Mailroom) -> Outcome:
    if attempt.outcome is Outcome.EXHAUSTED:
        return _give_up(notice, attempt, room)
    return _wait(attempt, receipt, room) if attempt.next_at else attempt.outcome


def _wait(attempt: Attempt, receipt: str, room: Mailroom) -> Outcome:
    seconds = (attempt.next_at - room.clock()).total_seconds() if attempt.next_at else 0
    room.notices.hide(receipt, max(0, min(LONGEST_HIDE_S, ceil(seconds))))
    return attempt.outcome


def _give_up(notice: Notice, last: Attempt, room: Mailroom) -> Outcome:
    if last.outcome is not Outcome.EXHAUSTED:
        ended = last.broken_off()
        room.deliveries.end(ended)
        room.on_attempt(ended)
    room.notices.bury(replace(notice, series=notice.series + 1))
    return Outcome.EXHAUSTED
