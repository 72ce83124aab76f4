"""How much an account may ask for: a rate of new jobs, and how many may be open. Standard library only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol

from downloads.model import Job

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Rate:
    """A token bucket: ``burst`` tokens at most, refilled by ``per_minute``.

    Kept as one number, the moment at which it is full again: the generic cell rate algorithm (ITU-T I.371).
    """

    per_minute: int
    burst: int

    @property
    def interval_ms(self) -> int:
        """How long one token takes to come back."""
        return ceil(MINUTE_MS / self.per_minute)

    def latest_ms(self, now_ms: int) -> int:
        """The latest moment of being full at which there is still a token to take."""
        return now_ms + (self.burst - 1) * self.interval_ms

    def standing(self, full_at_ms: int, now_ms: int) -> "Standing":
        missing_ms = max(0, full_at_ms - now_ms)
        remaining = (self.burst * self.interval_ms - missing_ms) // self.interval_ms
        return Standing(self.burst, max(0, remaining), ceil(missing_ms / 1000))


@dataclass(frozen=True, slots=True)
class Standing:
    """What is left of an account's rate; ``reset_s`` is the seconds until the bucket is full again."""

    limit: int
    remaining: int
    reset_s: int


class Allowances(Protocol):
    """What is left to each account. Every call may raise StateUnavailableError."""

    def take(self, account: str, now: datetime) -> None:
        """Takes one token. Raises RateLimitedError when there is none."""

    def standing(self, account: str, now: datetime) -> Standing:
        """What is left, without taking any."""

    def reserve(self, account: str, job: Job, now: datetime) -> None:
        """Gives an open job one of the account's places; a job that has one keeps it.

        A place comes free by itself once its job has ended or was never written.
        Raises TooManyOpenJobsError when all are taken, ContendedError when others keep being faster.
        """

    def release(self, account: str, job: Job) -> None:
        """Gives back the place of a job that was not written."""


# A place whose job is not there after so long is free: its writer died before it wrote the job.
UNWRITTEN = timedelta(minutes=1)
