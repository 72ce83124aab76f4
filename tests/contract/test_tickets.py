"""The Tickets port, on the fake and on DynamoDB: each ticket opens once, whoever asks at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.config import Config

from downloads.aws.tickets import DynamoTickets
from downloads.caller import ANONYMOUS, Session, owner_of
from downloads.errors import StateUnavailableError
from downloads.ticket import KEPT, LIFE, Ticket, digest_of, draw, new_secret
from downloads.ticket_ports import Tickets
from tests.contract.conftest import ALL, CLOUDS, Cloud, cloud_of, make_table
from tests.contract.faults import Faults, error
from tests.ticket_fakes import FakeTickets

OWNER, JOB = owner_of("somebody"), "7f3e2c1a-5b4d-4e6f-8a90-1b2c3d4e5f60"
HOUR = timedelta(hours=1)
MOMENT = timedelta(milliseconds=1)
SECRET, OTHER = digest_of("a secret"), digest_of("another")


@pytest.fixture(params=ALL)
def tickets(request: pytest.FixtureRequest) -> Tickets:
    if request.param == "fake":
        return FakeTickets()
    client = cloud_of(request)("dynamodb")
    return DynamoTickets(client, make_table(client))


def issued(tickets: Tickets, now: datetime, owner: str = OWNER, ends_in: timedelta | None = HOUR) -> Ticket:
    _, ticket = draw(owner, JOB, ends_in and now + ends_in, now)
    tickets.issue(ticket)
    return ticket


def test_a_ticket_opens_what_it_was_drawn_for(tickets: Tickets, now: datetime) -> None:
    ticket = issued(tickets, now)
    assert tickets.redeem(ticket.digest, now) == Session(OWNER, now + HOUR, JOB)


def test_where_nobody_signs_in_a_session_has_no_end(tickets: Tickets, now: datetime) -> None:
    ticket = issued(tickets, now, ANONYMOUS, None)
    assert tickets.redeem(ticket.digest, now, SECRET) == Session(ANONYMOUS, None, JOB)
    last = now + KEPT - timedelta(seconds=1)
    assert tickets.resume(ticket.digest, SECRET, JOB, last) == Session(ANONYMOUS, None, JOB)
    assert tickets.resume(ticket.digest, SECRET, JOB, now + KEPT) is None


def test_a_ticket_opens_once(tickets: Tickets, now: datetime) -> None:
    ticket = issued(tickets, now)
    assert tickets.redeem(ticket.digest, now, SECRET)
    assert tickets.redeem(ticket.digest, now) is None
    assert tickets.redeem(ticket.digest, now, OTHER) is None
    # What came too late has changed nothing.
    assert tickets.resume(ticket.digest, OTHER, JOB, now) is None
    assert tickets.resume(ticket.digest, SECRET, JOB, now)


def test_an_unknown_ticket_opens_nothing_and_leaves_nothing(tickets: Tickets, now: datetime) -> None:
    digest = digest_of(new_secret())
    assert tickets.redeem(digest, now, SECRET) is None
    assert tickets.resume(digest, SECRET, JOB, now) is None
    assert tickets.redeem(digest, now) is None


def test_a_ticket_lives_thirty_seconds(tickets: Tickets, now: datetime) -> None:
    in_time, too_late = (issued(tickets, now) for _ in range(2))
    assert timedelta(seconds=30) == LIFE
    assert tickets.redeem(too_late.digest, now + LIFE) is None
    assert tickets.redeem(in_time.digest, now + LIFE - MOMENT)


def test_a_ticket_outlives_no_token(tickets: Tickets, now: datetime) -> None:
    ticket = issued(tickets, now, ends_in=timedelta(seconds=5))
    assert tickets.redeem(ticket.digest, now + timedelta(seconds=5)) is None


def test_a_session_is_resumed_until_its_end(tickets: Tickets, now: datetime) -> None:
    ticket = issued(tickets, now)
    assert tickets.redeem(ticket.digest, now, SECRET)
    for after in LIFE, timedelta(minutes=30), HOUR - MOMENT:
        assert tickets.resume(ticket.digest, SECRET, JOB, now + after) == Session(OWNER, now + HOUR, JOB)
    assert tickets.resume(ticket.digest, SECRET, JOB, now + HOUR) is None


def test_only_the_secret_resumes_and_only_its_job(tickets: Tickets, now: datetime) -> None:
    ticket, other = (issued(tickets, now) for _ in range(2))
    assert tickets.resume(ticket.digest, SECRET, JOB, now) is None
    assert tickets.redeem(ticket.digest, now, SECRET)
    assert tickets.redeem(other.digest, now, OTHER)
    assert tickets.resume(ticket.digest, OTHER, JOB, now) is None
    assert tickets.resume(ticket.digest, SECRET, "another-job", now) is None


def test_what_was_used_without_a_secret_is_resumed_by_none(tickets: Tickets, now: datetime) -> None:
    ticket = issued(tickets, now)
    assert tickets.redeem(ticket.digest, now)
    assert tickets.resume(ticket.digest, SECRET, JOB, now) is None
    assert tickets.resume(ticket.digest, "", JOB, now) is None


def test_of_twenty_at_once_one_gets_in(emulator: Cloud, now: datetime) -> None:
    client = emulator("dynamodb")
    tickets = DynamoTickets(client, make_table(client))
    for _ in range(5):
        ticket = issued(tickets, now)
        secrets = [digest_of(new_secret()) for _ in range(20)]
        with ThreadPoolExecutor(20) as pool:
            calls = [pool.submit(tickets.redeem, ticket.digest, now, secret) for secret in secrets]
            won = [secret for secret, call in zip(secrets, calls, strict=True) if call.result()]
        assert len(won) == 1
        assert [one for one in secrets if tickets.resume(ticket.digest, one, JOB, now)] == won


def test_an_answer_that_was_lost_costs_nobody_the_ticket(emulator: Cloud, now: datetime) -> None:
    """botocore writes once more by itself, and the second write is refused for the first."""
    patient = Config(retries={"mode": "standard", "total_max_attempts": 2})
    faults = Faults([error("InternalServerError", 500)], done=True)
    client = emulator("dynamodb", config=patient)
    tickets = DynamoTickets(client, make_table(client))
    ticket = issued(tickets, now)
    faults.put_into(client, "UpdateItem")
    assert tickets.redeem(ticket.digest, now, SECRET)
    assert faults.sent == 2
    assert tickets.redeem(ticket.digest, now, OTHER) is None


def test_a_table_that_throttles_lets_nobody_in(emulator: Cloud, now: datetime) -> None:
    client, faults = emulator("dynamodb"), Faults([error("ThrottlingException")] * 9)
    tickets = DynamoTickets(client, make_table(client))
    ticket = issued(tickets, now)
    faults.put_into(client, "UpdateItem")
    with pytest.raises(StateUnavailableError):
        tickets.redeem(ticket.digest, now)


@pytest.mark.parametrize("cloud", CLOUDS, indirect=True)
def test_the_table_holds_no_ticket_and_forgets_with_the_session(cloud: Any, now: datetime) -> None:
    table = make_table(cloud)
    secret, ticket = draw(OWNER, JOB, now + HOUR, now)
    tickets = DynamoTickets(cloud, table)
    tickets.issue(ticket)
    tickets.redeem(ticket.digest, now, SECRET)
    (item,) = cloud.scan(TableName=table)["Items"]
    assert secret not in str(item)
    assert item["expires_at"] == {"N": str(int((now + HOUR).timestamp()))}
    assert item["PK"] == {"S": f"TICKET#{digest_of(secret)}"}
    # No created_at: it would stand in the index of jobs by their owner.
    assert set(item) == {
        "PK", "SK", "owner", "job_id", "ends_at", "valid_until", "expires_at", "used_at", "resume_digest",
    }  # fmt: skip


@pytest.fixture
def cloud(request: pytest.FixtureRequest) -> Any:
    return cloud_of(request)("dynamodb")
