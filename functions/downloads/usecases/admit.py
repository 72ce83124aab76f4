"""Let somebody in: from what a request brings, a token or a ticket, to what it may see."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from downloads.caller import ANONYMOUS, Session
from downloads.credentials import Credentials
from downloads.errors import NotSignedInError
from downloads.ticket import digest_of, is_secret, new_secret
from downloads.ticket_ports import Tickets, Verify

BEARER = re.compile(r"bearer +([\x21-\x7e]+)", re.IGNORECASE | re.ASCII)
ANY = "*"


@dataclass(frozen=True, slots=True)
class Gate:
    """What letting in needs. ``origins`` is the CORS list; without ``verify`` the stage takes no tokens.

    ``anonymous`` stages let in whoever brings no credentials; what is brought must hold all the same.
    """

    tickets: Tickets
    verify: Verify | None
    origins: Collection[str]
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """A stream's session and, when a ticket opened it, the secret that opens it again."""

    session: Session
    secret: str | None = field(default=None, repr=False)


def admit(given: Credentials, gate: Gate, now: datetime) -> Session:
    """What the request may see. The header wins over the ticket, which is then left as it is.

    Raises NotSignedInError; StateUnavailableError or IssuerUnavailableError when that cannot be known.
    """
    session = _known(given, gate)
    if session is None:
        session = _opened(given, gate.tickets.redeem(digest_of(_ticket(given)), now))
    return session


def admit_stream(given: Credentials, last_event_id: str | None, gate: Gate, now: datetime) -> Admitted:
    """As ``admit``; an EventSource comes back with its used ticket, and ``<version>.<secret>`` as last id."""
    session = _known(given, gate)
    if session is not None:
        return Admitted(session)
    digest = digest_of(_ticket(given))
    secret = _secret_of(last_event_id)
    if secret and given.job_id:
        session = gate.tickets.resume(digest, digest_of(secret), _canonical(given.job_id), now)
    if secret and session:
        return Admitted(_opened(given, session), secret)
    # A new ticket may come with the last id of an older stream: that one's secret opens nothing here.
    fresh = new_secret()
    return Admitted(_opened(given, gate.tickets.redeem(digest, now, digest_of(fresh))), fresh)


def _known(given: Credentials, gate: Gate) -> Session | None:
    """The session of a token or of nobody; None when a ticket has to say it."""
    if given.origin is not None and not {ANY, given.origin} & set(gate.origins):
        raise NotSignedInError("the origin is not on the list")
    # Where nobody signs in and no issuer is known, a token says as little as it does to the HTTP API.
    if given.authorization is not None and (gate.verify or not gate.anonymous):
        return _by_token(given.authorization, gate)
    if given.ticket is not None:
        return None
    if gate.anonymous:
        return Session(ANONYMOUS)
    raise NotSignedInError("there are no credentials")


def _by_token(authorization: str, gate: Gate) -> Session:
    match = BEARER.fullmatch(authorization)
    if match is None:
        raise NotSignedInError("the header holds no bearer token")
    if gate.verify is None:
        raise NotSignedInError("tokens are not taken here")
    caller = gate.verify(match[1])
    return Session(caller.owner, caller.ends_at)


def _ticket(given: Credentials) -> str:
    if given.ticket is None or not is_secret(given.ticket):
        raise NotSignedInError("the ticket is none")
    return given.ticket


def _opened(given: Credentials, session: Session | None) -> Session:
    """What the ticket opens, if it opens the job that is named.

    It is used up by then, whatever job is named: who tries it on another job than its own is not the one
    who drew it, and gets no second try.
    """
    if session is None:
        raise NotSignedInError("the ticket is unknown, used or too old")
    if given.job_id is not None and not session.opens(_canonical(given.job_id)):
        raise NotSignedInError("the ticket is for another job")
    return session


def _canonical(job_id: str) -> str:
    """A job's id as it is stored, for it may be written in several ways."""
    try:
        return str(UUID(job_id))
    except ValueError:
        return job_id


def resumes(last_event_id: str | None) -> bool:
    """Whether it looks like the last id of a stream that a ticket opened."""
    return _secret_of(last_event_id) is not None


def _secret_of(last_event_id: str | None) -> str | None:
    secret = (last_event_id or "").partition(".")[2]
    return secret if is_secret(secret) else None
