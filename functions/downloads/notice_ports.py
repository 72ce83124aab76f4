"""What notices of jobs' ends need from outside, in domain words."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from downloads.notice import Attempt, Notice


class Notices(Protocol):
    """The queue of notices to be delivered."""

    def send(self, notice: Notice) -> None:
        """Queues a notice. Raises NoticeUnsentError."""

    def hide(self, receipt: str, seconds: int) -> bool:
        """Hides a received notice for that long, at most until 12 h after it was received.

        False when that could not be said: then it comes again after the queue's own visibility timeout.
        """

    def bury(self, notice: Notice) -> None:
        """Puts a notice that used up its attempts among the dead letters, ready for a redrive.

        Raises NoticeUnsentError.
        """


class Deliveries(Protocol):
    """The record of attempts, which alone decides what the next attempt is and when.

    Every call may raise StateUnavailableError.
    """

    def of(self, job_id: str) -> Sequence[Attempt]:
        """All attempts for a job, by version and number (a consistent read)."""

    def begin(self, attempt: Attempt) -> bool:
        """Records that an attempt is under way; False when one of its number was begun already."""

    def end(self, attempt: Attempt) -> None:
        """Records what became of an attempt."""


class Callback(Protocol):
    """The way out to receivers."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer, whatever it is, in 15 s at most. Raises CallbackFailedError."""


class Keys(Protocol):
    """The keys that sign."""

    def live(self) -> Sequence[bytes]:
        """One key, or two while it is being changed, the newest first. Raises KeysUnavailableError."""
