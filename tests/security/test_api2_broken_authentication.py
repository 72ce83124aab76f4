"""API2:2023. Without a token that holds, nobody comes in: not by HTTP, not by WebSocket, not by events."""

import httpx
import pytest

from tests.e2e.conftest import Service
from tests.security.doors import OPENED, stream, websocket
from tests.security.forgery import FORGED, Pool

DOORS = ["GET /v1/downloads", "POST /v1/download/initiate", "DELETE /v1/download/{}"]
NO_TOKEN = ["", "Bearer", "Bearer ", "Basic YWxpY2U6", "Token {}", "Bearer {} {}", "Bearer,{}"]


def test_the_pools_own_key_makes_a_token_that_holds(
    pool: Pool, alice: Service, alices: str, stranger: httpx.Client
) -> None:
    """Else the forgeries below could be refused for another reason than theirs."""
    bearer = {"authorization": f"Bearer {pool.sign()}"}
    assert stranger.get("/v1/downloads", headers=bearer).status_code == 200
    assert stream(stranger, alices, **bearer).status_code == 200
    assert websocket(alice, **bearer) == OPENED


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_does_not_hold_is_refused_by_http(
    pool: Pool, stranger: httpx.Client, alices: str, name: str
) -> None:
    token = FORGED[name](pool)
    for door in DOORS:
        method, path = door.format(alices).split()
        reply = stranger.request(
            method, path, headers={"authorization": f"Bearer {token}"}, json={"file_ids": [70000]}
        )
        assert reply.status_code == 401, door
        assert token not in reply.text


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_does_not_hold_opens_no_stream(
    pool: Pool, stranger: httpx.Client, alices: str, name: str
) -> None:
    token = FORGED[name](pool)
    reply = stream(stranger, alices, authorization=f"Bearer {token}")
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert reply.headers["www-authenticate"] == "Bearer"
    assert token not in reply.text


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_does_not_hold_opens_no_connection(pool: Pool, alice: Service, name: str) -> None:
    assert websocket(alice, authorization=f"Bearer {FORGED[name](pool)}") == 403


@pytest.mark.parametrize("text", NO_TOKEN)
def test_a_header_without_a_token_is_none(
    pool: Pool, alice: Service, alices: str, stranger: httpx.Client, text: str
) -> None:
    header = text.replace("{}", pool.genuine).strip()
    assert stranger.get("/v1/downloads", headers={"authorization": header}).status_code == 401
    assert stream(stranger, alices, authorization=header).status_code == 401
    assert websocket(alice, authorization=header) == 403


def test_nobody_comes_in_with_nothing(alice: Service, alices: str, stranger: httpx.Client) -> None:
    assert stranger.get("/v1/downloads").status_code == 401
    assert stream(stranger, alices).status_code == 401
    assert websocket(alice) == 403


@pytest.mark.parametrize("name", ["token", "access_token", "authorization", "Authorization", "jwt"])
def test_a_token_in_the_address_is_never_read(
    pool: Pool, alice: Service, alices: str, stranger: httpx.Client, name: str
) -> None:
    query = {name: pool.genuine}
    assert stranger.get("/v1/downloads", params=query).status_code == 401
    assert stream(stranger, alices, query).status_code == 401
    assert websocket(alice, f"?{name}={pool.genuine}") == 403


def test_a_token_in_a_cookie_or_a_subprotocol_is_never_read(
    pool: Pool, alice: Service, alices: str, stranger: httpx.Client
) -> None:
    cookie = f"token={pool.genuine}; access_token={pool.genuine}"
    assert stranger.get("/v1/downloads", headers={"cookie": cookie}).status_code == 401
    assert stream(stranger, alices, cookie=cookie).status_code == 401
    assert websocket(alice, cookie=cookie) == 403
    assert websocket(alice, **{"sec-websocket-protocol": f"bearer, {pool.genuine}"}) == 403
