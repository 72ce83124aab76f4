"""authorize_websocket on moto, with its sample events and an issuer on loopback."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

import authorize_websocket
from downloads import wiring
from downloads.aws.tickets import DynamoTickets
from downloads.caller import ANONYMOUS
from downloads.errors import IssuerUnavailableError, StateUnavailableError
from downloads.ticket import draw
from tests.integration.conftest import JOB_ID, context, lines, sample
from tests.issuer import AUDIENCE, ISSUER, SUBJECT, KeyServer, key_set, token

MAIL = "jo@company.example"
OWNER = f"user:{MAIL}"
APP = "https://app.example.com"
OTHER_JOB = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def issuer() -> Iterator[KeyServer]:
    with KeyServer(key_set("rsa")) as server:
        yield server


@pytest.fixture(autouse=True)
def stage(aws: SimpleNamespace, issuer: KeyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AUTH_MODE": "jwt",
        "TOKEN_ISSUER": ISSUER,
        "TOKEN_AUDIENCES": f"another, {AUDIENCE}",
        "JWKS_URL": f"{issuer.url}/keys",
        "CORS_ORIGINS": f"{APP},https://staging.example.com",
    }.items():
        monkeypatch.setenv(name, value)
    wiring.verifier.cache_clear()


def bearer(text: str, **query: str) -> dict[str, Any]:
    event = sample("authorize_websocket") | {"queryStringParameters": query or None}
    event["headers"]["Authorization"] = f"Bearer {text}"
    return event


def by_ticket(aws: SimpleNamespace, owner: str = OWNER, age_s: float = 0) -> dict[str, Any]:
    """The sample with a ticket that was drawn just now, for the sample's job."""
    event = sample("authorize_websocket.ticket")
    event["queryStringParameters"]["ticket"] = ticket_of(aws, owner, age_s)
    return event


def ticket_of(aws: SimpleNamespace, owner: str, age_s: float) -> str:
    drawn = datetime.now(UTC) - timedelta(seconds=age_s)
    secret, ticket = draw(owner, JOB_ID, datetime(2100, 1, 1, tzinfo=UTC), drawn)
    DynamoTickets(aws.dynamodb, "downloads").issue(ticket)
    return secret


def effect(event: dict[str, Any]) -> str:
    """Allow or Deny; whatever it is, it is so for this call alone, and a refusal tells nothing."""
    answer = authorize_websocket.handler(event, context())
    (statement,) = answer["policyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("execute-api:Invoke", event["methodArn"])
    told: str = statement["Effect"]
    assert (told == "Allow") == ("context" in answer)
    return told


def test_a_bearer_token_lets_its_owner_in_until_its_end(issuer: KeyServer) -> None:
    end = int(time.time()) + 600
    answer = authorize_websocket.handler(bearer(token(exp=end)), context())
    assert answer["policyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Action": "execute-api:Invoke",
                "Effect": "Allow",
                "Resource": "arn:aws:execute-api:eu-central-1:123456789012:wxyz567890/live/$connect",
            }
        ],
    }
    assert answer["context"] == {"owner": f"user:{SUBJECT}", "jobId": "", "endsAt": str(end)}
    assert effect(bearer(token())) == "Allow"
    assert issuer.asked == ["/keys"]


def test_a_ticket_lets_in_once_and_to_its_job(aws: SimpleNamespace) -> None:
    event = by_ticket(aws)
    answer = authorize_websocket.handler(event, context())
    assert answer["context"] == {"owner": OWNER, "jobId": JOB_ID, "endsAt": "4102444800"}
    assert effect(event) == "Deny"


def test_a_ticket_needs_no_job_named(aws: SimpleNamespace) -> None:
    event = by_ticket(aws)
    del event["queryStringParameters"]["jobId"]
    assert authorize_websocket.handler(event, context())["context"]["jobId"] == JOB_ID


def test_the_principal_is_nobodys_name(aws: SimpleNamespace) -> None:
    ours = [authorize_websocket.handler(by_ticket(aws), context())["principalId"] for _ in range(2)]
    other = authorize_websocket.handler(by_ticket(aws, "user:another"), context())["principalId"]
    assert len({*ours, other}) == 2
    assert MAIL not in ours[0]
    assert ours[0].isalnum()


def test_the_samples_themselves_hold_nothing_that_lets_in() -> None:
    assert effect(sample("authorize_websocket")) == "Deny"
    assert effect(sample("authorize_websocket.ticket")) == "Deny"


def test_who_is_refused(aws: SimpleNamespace) -> None:
    elsewhere = by_ticket(aws) | {"queryStringParameters": None}
    in_query = {"token": token(), "access_token": token()}
    other_job, other_origin = by_ticket(aws), by_ticket(aws)
    other_job["queryStringParameters"]["jobId"] = OTHER_JOB
    other_origin["headers"]["Origin"] = "https://evil.example"
    refused = {
        "no credentials": elsewhere,
        "an expired token": bearer(token(exp=int(time.time()) - 1)),
        "an id token": bearer(token(token_use="id", aud=AUDIENCE)),
        "a token in the query": elsewhere | {"queryStringParameters": in_query},
        "another job's ticket": other_job,
        "another origin": other_origin,
        "an old ticket": by_ticket(aws, age_s=31),
        "no headers": sample("authorize_websocket") | {"headers": None, "queryStringParameters": None},
    }  # fmt: skip
    assert {name: effect(event) for name, event in refused.items()} == dict.fromkeys(refused, "Deny")


def test_where_nobody_signs_in(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_MODE", "none")
    for name in "TOKEN_ISSUER", "TOKEN_AUDIENCES", "JWKS_URL":
        monkeypatch.delenv(name)
    wiring.settings.cache_clear()
    plain = sample("authorize_websocket.ticket") | {"queryStringParameters": {"jobId": JOB_ID}}
    answer = authorize_websocket.handler(plain, context())
    assert answer["context"] == {"owner": ANONYMOUS, "jobId": "", "endsAt": ""}
    # As by HTTP: a token that nobody here can verify says nothing.
    assert authorize_websocket.handler(bearer(token()), context())["context"]["owner"] == ANONYMOUS
    assert effect(sample("authorize_websocket.ticket")) == "Deny"
    assert effect(by_ticket(aws, ANONYMOUS)) == "Allow"


def test_without_the_issuer_nobody_gets_in_by_token_and_an_error_says_so(
    aws: SimpleNamespace, issuer: KeyServer, logged: StringIO
) -> None:
    issuer.status = 500
    for _ in range(3):
        with pytest.raises(IssuerUnavailableError):
            authorize_websocket.handler(bearer(token()), context())
    assert issuer.asked == ["/keys"]
    assert [line["level"] for line in lines(logged)] == ["ERROR"] * 3
    # A ticket asks no issuer.
    assert effect(by_ticket(aws)) == "Allow"


@pytest.mark.usefixtures("table_away")
def test_without_the_table_nobody_gets_in_by_ticket_and_an_error_says_so(
    logged: StringIO,
) -> None:
    with pytest.raises(StateUnavailableError):
        authorize_websocket.handler(sample("authorize_websocket.ticket"), context())
    assert [line["level"] for line in lines(logged)] == ["ERROR"]
    assert effect(bearer(token())) == "Allow"


def test_the_log_says_why_and_nothing_of_what_was_brought(
    aws: SimpleNamespace, issuer: KeyServer, logged: StringIO
) -> None:
    mine, twice = token(sub=MAIL, email=MAIL), by_ticket(aws)
    forged = mine[:-4] + "AAAA"
    for event in bearer(mine), bearer(forged), twice, twice:
        authorize_websocket.handler(event, context())
    issuer.status = 500
    wiring.verifier.cache_clear()
    with pytest.raises(IssuerUnavailableError):
        authorize_websocket.handler(bearer(mine), context())
    assert [line.get("reason") for line in lines(logged)] == [
        "the token's signature does not hold",
        "the ticket is unknown, used or too old",
        None,
    ]
    secrets = [
        *mine.split("."),
        forged.split(".")[2],
        twice["queryStringParameters"]["ticket"],
        MAIL,
        SUBJECT,
    ]
    assert [secret for secret in secrets if secret in logged.getvalue()] == []
