"""Who calls, and what an opened stream or connection may see. Standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

# Whoever calls a stage that asks for no sign-in; a user's owner always begins with USER.
ANONYMOUS = "anonymous"
USER = "user:"


def owner_of(subject: str) -> str:
    """The owner of jobs that a token's verified subject (its ``sub``) starts."""
    return f"{USER}{subject}"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever makes a call: the owner of what it starts, and the claims of the verified token.

    ``address`` is the network address that the API saw, ``ends_at`` the end of the token (``exp``).
    """

    owner: str
    address: str = ""
    ends_at: datetime | None = None
    claims: Mapping[str, str] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """What limits count by: the owner, or the address where nobody signs in."""
        return f"address:{self.address}" if self.owner == ANONYMOUS else self.owner


@dataclass(frozen=True, slots=True)
class Session:
    """What opened a stream or a connection: whose it is, until when, and the only job that it may see.

    ``job_id`` is None for a token, which opens all jobs of its owner; a ticket opens one.
    """

    owner: str
    ends_at: datetime | None = None
    job_id: str | None = None

    def opens(self, job_id: str) -> bool:
        """Whether it leads to this job, if that is the owner's."""
        return self.job_id in {None, job_id}

    def over(self, now: datetime) -> bool:
        return self.ends_at is not None and now >= self.ends_at
