"""Who is let in, by what: tokens, tickets, nothing at all."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from downloads.caller import ANONYMOUS, Caller, Session, owner_of
from downloads.credentials import Credentials
from downloads.errors import IssuerUnavailableError, NotSignedInError, StateUnavailableError
from downloads.ticket import draw, is_secret, new_secret
from downloads.usecases.admit import Gate, admit, admit_stream
from tests.conftest import NOW
from tests.ticket_fakes import FakeTickets

JOB, OTHER_JOB = "7f3e2c1a-5b4d-4e6f-8a90-1b2c3d4e5f60", "00000000-0000-4000-8000-000000000000"
APP = "https://app.example.com"
OWNER = owner_of("somebody")
END = NOW + timedelta(hours=1)
BEARER = "Bearer good.token"
BY_TOKEN = Session(OWNER, END)
BY_TICKET = Session(OWNER, END, JOB)


@dataclass
class Tokens:
    """One token holds."""

    asked: list[str] = field(default_factory=list)
    away: bool = False

    def verify(self, token: str) -> Caller:
        self.asked.append(token)
        if self.away:
            raise IssuerUnavailableError
        if token != "good.token":
            raise NotSignedInError("it does not hold")
        return Caller(OWNER, ends_at=END)


@dataclass
class Door:
    tickets: FakeTickets = field(default_factory=FakeTickets)
    tokens: Tokens = field(default_factory=Tokens)

    def gate(self, *origins: str, anonymous: bool = False) -> Gate:
        return Gate(self.tickets, self.tokens.verify, origins or (APP,), anonymous)

    def ticket(self, now: datetime = NOW) -> str:
        secret, ticket = draw(OWNER, JOB, END, now)
        self.tickets.issue(ticket)
        return secret

    def refused(self, given: Credentials, gate: Gate | None = None) -> str:
        """Refused as a connection and, but for tickets that this uses up, as a stream."""
        with pytest.raises(NotSignedInError) as why:
            admit(given, gate or self.gate(), NOW)
        with pytest.raises(NotSignedInError):
            admit_stream(given, None, gate or self.gate(), NOW)
        return str(why.value)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("header", [BEARER, "bearer good.token", "BEARER  good.token"])
def test_a_token_opens_all_that_is_its_owners(door: Door, header: str) -> None:
    given = Credentials(header, job_id=JOB)
    assert admit(given, door.gate(), NOW) == BY_TOKEN
    admitted = admit_stream(given, f"7.{new_secret()}", door.gate(), NOW)
    assert (admitted.session, admitted.secret) == (BY_TOKEN, None)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "good.token", "Basic good.token", "Bearer bad", "Bearer good.token, Bearer x",
     "Bearer good.token\n", " Bearer good.token", "Bearer good\ttoken", "Bearer gööd"],
)  # fmt: skip
def test_what_is_no_token_that_holds(door: Door, header: str) -> None:
    assert "good.token" not in door.refused(Credentials(header))


def test_a_ticket_opens_its_job_once(door: Door) -> None:
    given = Credentials(ticket=door.ticket())
    assert admit(given, door.gate(), NOW) == BY_TICKET
    assert "used" in door.refused(given)


@pytest.mark.parametrize("job", [JOB, JOB.upper(), f"{{{JOB}}}"])
def test_a_ticket_for_the_job_that_is_named(door: Door, job: str) -> None:
    assert admit(Credentials(ticket=door.ticket(), job_id=job), door.gate(), NOW) == BY_TICKET


@pytest.mark.parametrize("job", [OTHER_JOB, "", "x", f"{JOB} "])
def test_a_ticket_for_another_job_is_refused_and_used_up(door: Door, job: str) -> None:
    ticket = door.ticket()
    assert "another job" in door.refused(Credentials(ticket=ticket, job_id=job))
    assert "used" in door.refused(Credentials(ticket=ticket, job_id=JOB))


def test_what_a_wrong_job_used_up_is_not_resumed_either(door: Door) -> None:
    ticket = door.ticket()
    with pytest.raises(NotSignedInError):
        admit_stream(Credentials(ticket=ticket, job_id=OTHER_JOB), None, door.gate(), NOW)
    with pytest.raises(NotSignedInError):
        admit_stream(Credentials(ticket=ticket, job_id=JOB), f"1.{new_secret()}", door.gate(), NOW)


@pytest.mark.parametrize("ticket", ["", "x", "a" * 44, "a" * 42 + "\n", "a" * 42 + "=", "a" * 100_000])
def test_what_is_no_ticket_asks_no_table(door: Door, ticket: str) -> None:
    door.tickets.down = True
    assert "none" in door.refused(Credentials(ticket=ticket))


def test_the_header_wins_and_leaves_the_ticket(door: Door) -> None:
    ticket = door.ticket()
    assert admit(Credentials(BEARER, ticket), door.gate(), NOW) == BY_TOKEN
    door.refused(Credentials("Bearer bad", ticket))
    assert admit(Credentials(ticket=ticket), door.gate(), NOW) == BY_TICKET


def test_an_old_ticket(door: Door) -> None:
    ticket = door.ticket(NOW - timedelta(seconds=30))
    assert "too old" in door.refused(Credentials(ticket=ticket))


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", f"{APP}.evil.example", f"{APP}/", "*"]
)
def test_a_page_from_elsewhere_is_refused_whatever_it_brings(door: Door, origin: str) -> None:
    ticket = door.ticket()
    for given in (
        Credentials(BEARER, origin=origin),
        Credentials(ticket=ticket, origin=origin),
        Credentials(origin=origin),
    ):
        assert "origin" in door.refused(given, door.gate(anonymous=True))
    assert admit(Credentials(ticket=ticket, origin=APP), door.gate(), NOW) == BY_TICKET


def test_a_list_of_all_origins_and_one_of_none(door: Door) -> None:
    anywhere = Credentials(BEARER, origin="https://anywhere.example")
    assert admit(anywhere, door.gate("*"), NOW) == BY_TOKEN
    assert "origin" in door.refused(anywhere, Gate(door.tickets, door.tokens.verify, ()))
    assert admit(Credentials(BEARER), Gate(door.tickets, door.tokens.verify, ()), NOW) == BY_TOKEN


def test_without_credentials(door: Door) -> None:
    assert "no credentials" in door.refused(Credentials())
    assert admit(Credentials(), door.gate(anonymous=True), NOW) == Session(ANONYMOUS)
    assert admit_stream(Credentials(), "7", door.gate(anonymous=True), NOW).session == Session(ANONYMOUS)


def test_bad_credentials_are_refused_where_none_are_asked_for(door: Door) -> None:
    gate = door.gate(anonymous=True)
    for given in Credentials("Bearer bad"), Credentials(ticket=new_secret()), Credentials("", ticket=""):
        door.refused(given, gate)
    # As by HTTP, where no authorizer reads it: a token of a service that takes none says nothing.
    none_taken = Gate(door.tickets, None, (APP,), anonymous=True)
    assert admit(Credentials(BEARER), none_taken, NOW) == Session(ANONYMOUS)
    assert "not taken" in door.refused(Credentials(BEARER), Gate(door.tickets, None, (APP,)))
    assert admit(Credentials(ticket=door.ticket()), gate, NOW) == BY_TICKET


def test_what_cannot_be_known_is_no_refusal(door: Door) -> None:
    door.tokens.away = door.tickets.down = True
    with pytest.raises(IssuerUnavailableError):
        admit(Credentials(BEARER), door.gate(), NOW)
    with pytest.raises(StateUnavailableError):
        admit_stream(Credentials(ticket=door.ticket()), None, door.gate(), NOW)


def test_a_stream_comes_back_by_its_secret_until_the_session_ends(door: Door) -> None:
    given = Credentials(ticket=door.ticket(), job_id=JOB)
    first = admit_stream(given, None, door.gate(), NOW)
    assert first.session == BY_TICKET
    assert first.secret
    assert is_secret(first.secret)
    for minutes in 1, 30, 59:
        again = admit_stream(given, f"7.{first.secret}", door.gate(), NOW + timedelta(minutes=minutes))
        assert again == first
    shouted = Credentials(ticket=given.ticket, job_id=JOB.upper())
    assert admit_stream(shouted, f"7.{first.secret}", door.gate(), NOW) == first
    with pytest.raises(NotSignedInError):
        admit_stream(given, f"7.{first.secret}", door.gate(), END)


@pytest.mark.parametrize(
    "last", [None, "", "7", "7.", ".", "7.wrong", f"7.{'a' * 43}", "7.{secret}.", "{secret}"]
)
def test_a_used_ticket_without_the_secret_opens_nothing(door: Door, last: str | None) -> None:
    given = Credentials(ticket=door.ticket(), job_id=JOB)
    secret = admit_stream(given, None, door.gate(), NOW).secret or ""
    with pytest.raises(NotSignedInError):
        admit_stream(given, last and last.replace("{secret}", secret), door.gate(), NOW)


def test_a_secret_opens_no_other_ticket_and_no_other_job(door: Door) -> None:
    mine, other = (Credentials(ticket=door.ticket(), job_id=JOB) for _ in range(2))
    secret = admit_stream(mine, None, door.gate(), NOW).secret
    admit_stream(other, None, door.gate(), NOW)
    for given in (
        other,
        Credentials(ticket=mine.ticket, job_id=OTHER_JOB),
        Credentials(ticket=secret, job_id=JOB),
    ):
        with pytest.raises(NotSignedInError):
            admit_stream(given, f"7.{secret}", door.gate(), NOW)


def test_a_new_ticket_goes_on_from_an_older_streams_id(door: Door) -> None:
    given = Credentials(ticket=door.ticket(), job_id=JOB)
    admitted = admit_stream(given, f"7.{new_secret()}", door.gate(), NOW)
    assert admitted.session == BY_TICKET


def test_credentials_of_a_request() -> None:
    headers = {"AUTHORIZATION": BEARER, "oRigin": APP, "host": "x"}
    query = {"ticket": "t", "jobId": JOB, "token": "no", "access_token": "no"}
    assert Credentials.of(headers, query) == Credentials(BEARER, "t", APP, JOB)
    assert Credentials.of(headers, query, OTHER_JOB).job_id == OTHER_JOB
    assert Credentials.of(None, None) == Credentials()
    assert Credentials.of({}, {"token": "good.token", "access_token": "good.token"}) == Credentials()


@pytest.mark.parametrize("name", ["Authorization", "Origin"])
def test_a_header_that_stands_twice_decides_nothing(name: str) -> None:
    with pytest.raises(NotSignedInError):
        Credentials.of({name: "a", name.lower(): "b"}, None)


def test_secrets_are_not_shown() -> None:
    given, stream = Credentials(BEARER, "the-ticket"), Door()
    admitted = admit_stream(Credentials(ticket=stream.ticket()), None, stream.gate(), NOW)
    assert "good.token" not in repr(given)
    assert "the-ticket" not in repr(given)
    assert str(admitted.secret) not in repr(admitted)
