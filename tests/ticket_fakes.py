"""The Tickets port in memory. The contract suite holds it to what the real adapter does."""

from dataclasses import dataclass, field
from datetime import datetime

from downloads.caller import Session
from downloads.errors import StateUnavailableError
from downloads.ticket import Ticket


@dataclass
class FakeTickets:
    """Every call is one step that nothing can interrupt; ``used`` has the digest of the secret, if any."""

    issued: dict[str, Ticket] = field(default_factory=dict)
    used: dict[str, str | None] = field(default_factory=dict)
    down: bool = False

    def issue(self, ticket: Ticket) -> None:
        self.issued[ticket.digest] = ticket

    def redeem(self, digest: str, now: datetime, resume: str | None = None) -> Session | None:
        if self.down:
            raise StateUnavailableError
        ticket = self.issued.get(digest)
        if ticket is None or digest in self.used or ticket.valid_until <= now:
            return None
        self.used[digest] = resume
        return ticket.session

    def resume(self, digest: str, secret: str, job_id: str, now: datetime) -> Session | None:
        ticket = self.issued.get(digest)
        if ticket is None or self.used.get(digest) != secret or ticket.kept_until <= now:
            return None
        return ticket.session if ticket.session.job_id == job_id else None
