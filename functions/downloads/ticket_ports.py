"""What letting somebody in needs from outside, in domain words."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from downloads.caller import Caller, Session
from downloads.ticket import Ticket

Verify = Callable[[str], Caller]
"""Whose access token it is. Raises NotSignedInError, or IssuerUnavailableError: then it is not known."""


class Tickets(Protocol):
    """One-time tickets, known by their digests. Every call may raise StateUnavailableError."""

    def issue(self, ticket: Ticket) -> None:
        """Keeps a new ticket."""

    def redeem(self, digest: str, now: datetime, resume: str | None = None) -> Session | None:
        """Uses a ticket: of any number of calls at once, exactly one gets the session.

        None when it is unknown, used, or too old. ``resume`` is the digest of a secret that opens the same
        session again, until its end.
        """

    def resume(self, digest: str, secret: str, job_id: str, now: datetime) -> Session | None:
        """The session of a used ticket, for whoever has the secret (its digest) that redeeming named.

        None when the secret is another, the job is another, or the session has ended.
        """
