"""API5:2023. Every function asks who calls, whatever the route, the method, or the spelling of the path."""

import json
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Service
from tests.e2e.test_http_oddities import send_bare
from tests.security.doors import UNKNOWN
from tests.security.inventory import BY_LAMBDA, OPEN, resources, routes

METHODS = [
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "QUERY",
]
# By AWS's gateway, and by the emulator's, which refuses an origin that is not on the list.
PREFLIGHT = {204, 403}
# Ways to write a path that a careless gateway takes for an open one, or for another.
SPELLINGS = [
    "//v1/downloads", "/v1/downloads/", "/V1/DOWNLOADS", "/v1//downloads", "/health/../v1/downloads",
    "/docs/..;/v1/downloads", "/%76%31/downloads", "/v1%2Fdownloads", "/v1/downloads;a=b", "/v1/downloads%00",
    "/v1/downloads%23/docs", "/v1/downloads?/health", "/./v1/downloads", "/openapi.json/../v1/downloads",
    "/v1/downloads.json", "/$default/v1/downloads", "/v1/downloads%20", "/docs%2f..%2fv1/downloads",
]  # fmt: skip


def test_every_route_of_the_template_asks_for_a_token(alice: Service, stranger: httpx.Client) -> None:
    guarded = sorted(set(routes(alice.cloud)) - OPEN - {"$default"})
    assert len(guarded) >= 10
    for route in guarded:
        method, path = route.split()
        reply = stranger.request(method, path.replace("{jobId}", UNKNOWN), json={"file_ids": [70000]})
        assert reply.status_code == 401, route
        # By the gateway itself, before any function is run; the stream's function asks alone.
        assert (reply.json() == {"message": "Unauthorized"}) is (route not in BY_LAMBDA), route


def test_the_open_routes_are_open_and_no_other_is(alice: Service, stranger: httpx.Client) -> None:
    unguarded = {name for name, each in routes(alice.cloud).items() if each["AuthorizationType"] != "JWT"}
    assert unguarded == OPEN | BY_LAMBDA
    for route in OPEN:
        method, path = route.split()
        if method == "GET":
            assert stranger.get(path).status_code == 200, route


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/nowhere", "/v1/downloads", "/v1/download/initiate", "/v1/admin/redrive"])
def test_no_method_and_no_unknown_path_answers_a_stranger(alice: Service, method: str, path: str) -> None:
    reply, body = send_bare(alice, method, path)
    assert reply.status in (PREFLIGHT if method == "OPTIONS" else {400, 401, 404, 405, 501}), body
    assert b"jobs" not in body


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_what_no_route_names_asks_for_a_token_first(alice: Service, method: str) -> None:
    reply, _ = send_bare(alice, method, "/nowhere")
    assert reply.status == 401


@pytest.mark.parametrize("path", SPELLINGS)
def test_no_spelling_of_a_path_leads_around_the_token(alice: Service, path: str) -> None:
    reply, body = send_bare(alice, "GET", path)
    assert reply.status in {400, 401, 404}, body
    assert b'"jobs"' not in body


@pytest.mark.parametrize(
    "header", ["x-http-method-override", "x-http-method", "x-original-url", "x-rewrite-url"]
)
def test_no_header_makes_an_open_route_another(alice: Service, alices: str, header: str) -> None:
    value = "DELETE" if "method" in header else f"/v1/download/status/{alices}"
    reply, body = send_bare(alice, "GET", "/health", **{header: value})
    assert (reply.status, set(json.loads(body))) == (200, {"status", "checks"})


def test_no_route_leads_to_a_function_of_the_operators(alice: Service) -> None:
    """What redrives, sweeps and delivers is called by AWS and by operators, never by a request."""
    used = json.dumps(resources(alice.cloud, "AWS::ApiGatewayV2::Integration"))
    functions: dict[str, Any] = resources(alice.cloud, "AWS::Lambda::Function")
    asked = {
        each["Properties"]["Handler"].split(".")[0] for name, each in functions.items() if f'"{name}"' in used
    }
    assert asked == {"initiate_job", "jobs_api", "stream_progress", "websocket"}
    urls = resources(alice.cloud, "AWS::Lambda::Url")
    assert urls == {}
