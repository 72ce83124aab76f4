"""One-time tickets: what stands in a URL in the place of a token. Standard library only."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from downloads.caller import Session

# How long a ticket can be used for the first time.
LIFE = timedelta(seconds=30)
# How long a used one is kept for resuming where nobody signs in, so that no token's end says it.
KEPT = timedelta(days=1)
# 256 bits from the system, as base64url.
BYTES = 32
SECRET = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is kept of a ticket: its digest, never itself. ``session`` is what it opens."""

    digest: str
    session: Session
    valid_until: datetime
    kept_until: datetime


def new_secret() -> str:
    """A ticket, or the secret by which a stream is resumed: nobody can guess it."""
    return secrets.token_urlsafe(BYTES)


def is_secret(text: str) -> bool:
    """Whether it looks like one of ours."""
    return SECRET.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """What is stored in its place. Without salt: 256 random bits are in no table."""
    return sha256(secret.encode()).hexdigest()


def draw(owner: str, job_id: str, ends_at: datetime | None, now: datetime) -> tuple[str, Ticket]:
    """A new ticket, and what to keep of it. ``ends_at`` is the end of the token that it is drawn with."""
    secret = new_secret()
    valid_until = now + LIFE if ends_at is None else min(now + LIFE, ends_at)
    session = Session(owner, ends_at, job_id)
    return secret, Ticket(digest_of(secret), session, valid_until, ends_at or now + KEPT)
