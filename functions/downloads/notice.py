"""The notice of a job's end that a webhook carries, and what becomes of its attempts. Stdlib only."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Self

from downloads.caller import ANONYMOUS
from downloads.trace import Origin

# Seconds after each attempt but the last: ten attempts over about three days, as Standard Webhooks advises.
WAITS_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 64_800, 79_200)
ATTEMPTS = len(WAITS_S) + 1
JITTER = 0.15
# Where the classes of HTTP statuses begin (RFC 9110).
OK, REDIRECTS, ERRORS = 200, 300, 400
# How long an attempt may be under way before it counts as broken off: its deadline of 15 s, and then some.
LEASE = timedelta(seconds=60)


class Outcome(StrEnum):
    """What became of an attempt; one that stays ``started`` is under way, or broke off."""

    STARTED = "started"
    DELIVERED = "delivered"
    FAILED = "failed"
    STOPPED = "stopped"
    EXHAUSTED = "exhausted"


class Failure(StrEnum):
    """Why an attempt failed; the codes are stable, the words (``REASONS``) may improve."""

    URL_REFUSED = "URL_REFUSED"
    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    NOT_RESOLVED = "NOT_RESOLVED"
    NOT_CONNECTED = "NOT_CONNECTED"
    TLS = "TLS"
    TIMEOUT = "TIMEOUT"
    BAD_ANSWER = "BAD_ANSWER"
    REDIRECT = "REDIRECT"
    GONE = "GONE"
    STATUS = "STATUS"
    BROKEN_OFF = "BROKEN_OFF"


REASONS = {
    Failure.URL_REFUSED: "This service does not call such a URL.",
    Failure.ADDRESS_REFUSED: "The host's address is not on the public internet.",
    Failure.NOT_RESOLVED: "The host's name has no address.",
    Failure.NOT_CONNECTED: "The connection was refused or broke off.",
    Failure.TLS: "TLS failed: the certificate is not trusted or is not the host's.",
    Failure.TIMEOUT: "There was no answer in 15 s.",
    Failure.BAD_ANSWER: "The answer was not HTTP.",
    Failure.REDIRECT: "The answer was a redirect, which is not followed.",
    Failure.GONE: "The receiver wants no more notices of this job (410).",
    Failure.STATUS: "The receiver's status was not 2xx.",
    Failure.BROKEN_OFF: "The attempt broke off in this service; the receiver may have got the notice.",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: ``body`` is sent as it is at every attempt, below 20 KB.

    ``series`` counts the times it may use up all its attempts: an operator's redrive opens the next.
    ``owner`` is the job's, who alone may read what became of it; ``origin`` the request that it goes back to.
    """

    job_id: str
    version: int
    url: str
    body: str
    series: int = 1
    owner: str = ANONYMOUS
    origin: Origin | None = None

    @property
    def webhook_id(self) -> str:
        return webhook_id(self.job_id, self.version)

    @property
    def most_attempts(self) -> int:
        return ATTEMPTS * self.series


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver the notice of a job's end at ``version``; ``number`` counts from 1."""

    job_id: str
    version: int
    number: int
    at: datetime
    outcome: Outcome = Outcome.STARTED
    next_at: datetime | None = None
    status: int | None = None
    failure: Failure | None = None
    duration_ms: int | None = None
    owner: str = ANONYMOUS

    @property
    def webhook_id(self) -> str:
        return webhook_id(self.job_id, self.version)

    def answered(self, status: int, ended_at: datetime, wait: timedelta | None) -> Self:
        """The attempt after an answer; ``wait`` is how long the next has to wait, None after the last."""
        if OK <= status < REDIRECTS:
            return self._ended(ended_at, Outcome.DELIVERED, status=status)
        if status == HTTPStatus.GONE:
            return self._ended(ended_at, Outcome.STOPPED, status=status, failure=Failure.GONE)
        redirect = REDIRECTS <= status < ERRORS
        failure = Failure.REDIRECT if redirect else Failure.STATUS
        return replace(self.failed(failure, ended_at, wait), status=status)

    def failed(self, failure: Failure, ended_at: datetime, wait: timedelta | None) -> Self:
        """The attempt without a good answer: to be tried again, or the last."""
        if wait is None:
            return self._ended(ended_at, Outcome.EXHAUSTED, failure=failure)
        return replace(self._ended(ended_at, Outcome.FAILED, failure=failure), next_at=ended_at + wait)

    def broken_off(self) -> Self:
        """The last attempt, of which nobody knows how it ended."""
        return replace(self, outcome=Outcome.EXHAUSTED, failure=Failure.BROKEN_OFF, next_at=None)

    def _ended(
        self, ended_at: datetime, outcome: Outcome, status: int | None = None, failure: Failure | None = None
    ) -> Self:
        duration = round((ended_at - self.at).total_seconds() * 1000)
        return replace(
            self, outcome=outcome, status=status, failure=failure, duration_ms=duration, next_at=None
        )


def webhook_id(job_id: str, version: int) -> str:
    """The same for one end of a job, however often it is sent; a retry's end is another."""
    return f"msg_{job_id}_{version}"


def wait_after(number: int, chance: float) -> timedelta | None:
    """How long to wait after an attempt, None for the last; ``chance`` (0 to 1) spreads it 15 % each way."""
    place = (number - 1) % ATTEMPTS
    if place == len(WAITS_S):
        return None
    return timedelta(seconds=WAITS_S[place] * (1 + JITTER * (2 * chance - 1)))
