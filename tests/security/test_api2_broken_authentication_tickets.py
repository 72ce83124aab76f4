"""API2:2023. A ticket opens one job, once, within its half minute, from where it may come."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.e2e.conftest import Service, hear, say
from tests.events import parse
from tests.security.conftest import TRUSTED
from tests.security.doors import OPENED, stream, websocket

AT_ONCE = 20


def key(ticket: str) -> dict[str, Any]:
    return {"PK": {"S": f"TICKET#{sha256(ticket.encode()).hexdigest()}"}, "SK": {"S": "TICKET"}}


def age(service: Service, ticket: str, by: timedelta) -> None:
    """As if it had been drawn that much earlier."""
    table = {"TableName": service.cloud.outputs["TableName"], "Key": key(ticket)}
    values = {":by": {"N": str(-int(by.total_seconds() * 1000))}}
    update = "SET valid_until = valid_until + :by"
    service.cloud.client("dynamodb").update_item(
        **table, UpdateExpression=update, ExpressionAttributeValues=values
    )


def test_a_ticket_opens_the_stream_once(alice: Service, alices: str, stranger: httpx.Client) -> None:
    query = {"ticket": alice.ticket(alices)}
    assert stream(stranger, alices, query).status_code == 200
    again = stream(stranger, alices, query)
    assert (again.status_code, again.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert websocket(alice, f"?ticket={query['ticket']}") == 403


def test_a_ticket_opens_a_connection_once(alice: Service, alices: str, stranger: httpx.Client) -> None:
    ticket = alice.ticket(alices)
    assert websocket(alice, f"?ticket={ticket}") == OPENED
    assert websocket(alice, f"?ticket={ticket}") == 403
    assert stream(stranger, alices, {"ticket": ticket}).status_code == 401


def test_of_many_who_use_a_ticket_at_once_one_comes_in(
    alice: Service, alices: str, stranger: httpx.Client
) -> None:
    ticket = alice.ticket(alices)

    def use(number: int) -> bool:
        if number % 2:
            return websocket(alice, f"?ticket={ticket}") == OPENED
        return bool(stream(stranger, alices, {"ticket": ticket}).status_code == 200)

    with ThreadPoolExecutor(AT_ONCE) as many:
        assert sum(many.map(use, range(AT_ONCE))) == 1


def test_a_ticket_for_another_job_opens_neither(alice: Service, alices: str, stranger: httpx.Client) -> None:
    other = alice.initiate([70007])
    ticket = alice.ticket(other)
    assert stream(stranger, alices, {"ticket": ticket}).status_code == 401
    assert stream(stranger, other, {"ticket": ticket}).status_code == 401
    assert websocket(alice, f"?ticket={alice.ticket(other)}&jobId={alices}") == 403


def test_a_connection_opened_by_a_ticket_watches_its_job_alone(alice: Service, alices: str) -> None:
    other = alice.initiate([70007])
    with connect(f"{alice.websocket_url}?ticket={alice.ticket(alices)}", open_timeout=20) as socket:
        assert hear(socket)["jobId"] == alices
        say(socket, "subscribe", jobId=other)
        assert hear(socket)["error"]["code"] == "JOB_NOT_FOUND"


def test_a_ticket_lives_half_a_minute(alice: Service, alices: str) -> None:
    before = datetime.now(UTC)
    told = alice.http.post(f"/v1/download/{alices}/ticket").json()
    left = datetime.fromisoformat(told["expiresAt"]) - before
    assert timedelta(seconds=25) < left < timedelta(seconds=40)


def test_a_ticket_too_old_opens_nothing(alice: Service, alices: str, stranger: httpx.Client) -> None:
    for by, opens in ((timedelta(seconds=31), False), (timedelta(seconds=5), True)):
        ticket = alice.ticket(alices)
        age(alice, ticket, by)
        assert (stream(stranger, alices, {"ticket": ticket}).status_code == 200) is opens
        ticket = alice.ticket(alices)
        age(alice, ticket, by)
        assert (websocket(alice, f"?ticket={ticket}") == OPENED) is opens


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{TRUSTED}.evil.example", TRUSTED.upper(), f"{TRUSTED}:444"]
)
def test_a_ticket_from_a_foreign_page_opens_nothing_and_is_not_used_up(
    alice: Service, alices: str, stranger: httpx.Client, origin: str
) -> None:
    ticket = alice.ticket(alices)
    assert stream(stranger, alices, {"ticket": ticket}, origin=origin).status_code == 401
    assert websocket(alice, f"?ticket={ticket}", origin=origin) == 403
    assert stream(stranger, alices, {"ticket": ticket}, origin=TRUSTED).status_code == 200


def test_a_token_from_a_foreign_page_opens_no_connection(alice: Service) -> None:
    token = f"Bearer {alice.token}"
    assert websocket(alice, authorization=token, origin="https://evil.example") == 403
    assert websocket(alice, authorization=token, origin=TRUSTED) == OPENED


def test_a_used_ticket_opens_its_stream_again_by_its_secret_alone(
    alice: Service, alices: str, bobs: str, stranger: httpx.Client
) -> None:
    query = {"ticket": alice.ticket(alices)}
    event = parse(stream(stranger, alices, query).text)[0]
    version, _, secret = event.id.partition(".")
    assert len(secret) == 43
    wrong = secret[:-2] + ("AA" if not secret.endswith("AA") else "BB")
    for held in (version, f"{version}.", f"{version}.{wrong}", f"{version}.{query['ticket']}"):
        assert stream(stranger, alices, query, last_event_id=held).status_code == 401, held
    for name in ("lastEventId", "last_event_id"):
        assert stream(stranger, alices, query | {name: event.id}).status_code == 401
    assert stream(stranger, bobs, query, last_event_id=event.id).status_code == 401
    assert stream(stranger, alices, {}, last_event_id=event.id).status_code == 401
    assert stream(stranger, alices, query, last_event_id=f"0.{secret}").status_code == 200


@pytest.mark.parametrize("ticket", ["A" * 43, "", "A" * 42, "%00" * 43, "TICKET", "*", "A" * 4_000])
def test_a_ticket_that_nobody_drew_opens_nothing(
    alice: Service, alices: str, stranger: httpx.Client, ticket: str
) -> None:
    assert stream(stranger, alices, {"ticket": ticket}).status_code == 401
    assert websocket(alice, f"?ticket={ticket}") == 403


def test_neither_tickets_nor_secrets_are_kept_as_they_are(
    alice: Service, alices: str, stranger: httpx.Client
) -> None:
    ticket = alice.ticket(alices)
    secret = parse(stream(stranger, alices, {"ticket": ticket}).text)[0].id.partition(".")[2]
    table = alice.cloud.client("dynamodb")
    pages = table.get_paginator("scan").paginate(TableName=alice.cloud.outputs["TableName"])
    kept = json.dumps([item for page in pages for item in page["Items"]], default=str)
    assert key(ticket)["PK"]["S"] in kept
    assert ticket not in kept
    assert secret not in kept
