"""What watching needs from outside, in domain words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from downloads.model import Wish


class Watchers(Protocol):
    """Who watches which job. Every call may raise StateUnavailableError."""

    def add(self, job_id: str, connection_id: str, ends_at: datetime | None, now: datetime) -> None:
        """Remembers a watcher, who is told nothing any more from ``ends_at`` on."""

    def wish(self, wish: Wish, now: datetime) -> None:
        """Asks the publisher to subscribe a connection that may not stand yet."""

    def of(self, job_id: str, now: datetime) -> Sequence[str]:
        """The connections that watch the job and whose time is not over (a consistent read)."""

    def remove(self, job_id: str, connection_ids: Iterable[str]) -> None:
        """Forgets watchers of one job."""

    def leave(self, connection_id: str) -> None:
        """Forgets a connection, whatever it watches."""


class Connections(Protocol):
    """Open WebSocket connections."""

    def send(self, connection_id: str, frame: str) -> None:
        """Sends one frame of at most 32 KB.

        Raises ConnectionGoneError, ConnectionSlowError or, for any other fault, ConnectionFaultError.
        """

    def close(self, connection_id: str) -> None:
        """Closes a connection; one that is gone already is as good. Raises ConnectionFaultError."""


class Endings(Protocol):
    """When open connections have to end. Every call may raise StateUnavailableError."""

    def note(self, connection_id: str, ends_at: datetime) -> None:
        """Notes a connection that is to be closed at ``ends_at``."""

    def due(self, now: datetime) -> Sequence[tuple[str, datetime]]:
        """Connections whose end is past, by no more than a quarter of an hour, with that end."""

    def forget(self, connection_id: str, ends_at: datetime) -> None:
        """Takes a note back: the connection is closed."""
