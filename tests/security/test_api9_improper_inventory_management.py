"""API9:2023. What is deployed is what is documented, each call with what it asks of its caller."""

from typing import Any

import httpx
import pytest

from tests.e2e.conftest import Service
from tests.security.inventory import BY_LAMBDA, OPEN, routes

# Answered, and no part of the contract: the contract itself, a browser's question, all else's refusal.
UNDOCUMENTED = {"GET /docs", "GET /openapi.json", "OPTIONS /", "OPTIONS /{proxy+}", "$default"}


@pytest.fixture(scope="module")
def document(stranger: httpx.Client) -> dict[str, Any]:
    told: dict[str, Any] = stranger.get("/openapi.json").json()
    return told


def calls(document: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": call
        for path, found in document["paths"].items()
        for method, call in found.items()
    }


def test_the_document_has_the_deployed_routes_and_no_others(alice: Service, document: dict[str, Any]) -> None:
    assert set(calls(document)) == set(routes(alice.cloud)) - UNDOCUMENTED


def test_each_call_says_what_the_gateway_asks_for(alice: Service, document: dict[str, Any]) -> None:
    for key, call in calls(document).items():
        security = call.get("security", document["security"])
        deployed = routes(alice.cloud)[key]["AuthorizationType"]
        if key in OPEN:
            assert (security, deployed) == ([], "NONE"), key
        elif key in BY_LAMBDA:
            assert (security, deployed) == ([{"token": []}, {"ticket": []}], "NONE"), key
        else:
            assert (security, deployed) == ([{"token": []}], "JWT"), key
            assert "401" in call["responses"], key


def test_one_version_is_served_and_named(stranger: httpx.Client, document: dict[str, Any]) -> None:
    assert stranger.get("/").json()["version"] == document["info"]["version"]
    paths = [path for path in document["paths"] if path not in {"/", "/health"}]
    assert all(path.startswith("/v1/") for path in paths)


@pytest.mark.parametrize(
    "path", ["/v0/downloads", "/v2/downloads", "/downloads", "/admin", "/debug", "/.env", "/_"]
)
def test_nothing_else_is_there(alice: Service, path: str) -> None:
    assert alice.http.get(path).json()["error"]["code"] == "NOT_FOUND"


def test_what_is_obsolete_says_so(document: dict[str, Any]) -> None:
    old = {key for key, call in calls(document).items() if call.get("deprecated")}
    assert old == {"POST /v1/download/start"}
