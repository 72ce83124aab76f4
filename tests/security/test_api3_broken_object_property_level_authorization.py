"""API3:2023. What a caller may not set is refused, and changes nothing; what it may not see is not told."""

import json
from typing import Any

import pytest

from tests.e2e.conftest import Service, hear, say

NOT_THEIRS: dict[str, Any] = {
    "userId": "bob",
    "user_id": "bob",
    "owner": "user:bob",
    "sub": "bob",
    "status": "completed",
    "jobId": "00000000-0000-4000-8000-000000000000",
    "job_id": "00000000-0000-4000-8000-000000000000",
    "version": 9,
    "round": 9,
    "total": 1,
    "completed": 1,
    "created_at": 0,
    "expires_at": 4_102_444_800,
    "deadline_at": 0,
    "withheld": [],
    "expiresAt": "2100-01-01T00:00:00Z",
    "__proto__": {"owner": "user:bob"},
    "constructor": {},
}
BODIES: dict[str, dict[str, Any]] = {
    "/v1/download/initiate": {"file_ids": [70000]},
    "/v1/download/check": {"file_id": 70000},
    "/v1/download/start": {"file_id": 70000},
}
# What a status says of a job, and no more: neither its owner nor what the service keeps for itself.
TOLD = {
    "jobId", "status", "version", "round", "priority", "progress", "files", "createdAt", "startedAt",
    "completedAt", "expiresAt",
}  # fmt: skip


def mine(user: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = user.http.get("/v1/downloads", params={"limit": 100}).json()["jobs"]
    return found


@pytest.mark.parametrize("path", BODIES)
def test_a_field_that_is_not_the_callers_is_refused(alice: Service, path: str) -> None:
    before = mine(alice)
    for name, value in NOT_THEIRS.items():
        reply = alice.http.post(path, json=BODIES[path] | {name: value})
        assert (reply.status_code, reply.json()["error"]["code"]) == (422, "INVALID_REQUEST"), name
        assert name in json.dumps(reply.json()["error"]["details"])
    assert mine(alice) == before


@pytest.mark.parametrize("path", ["/v1/download/initiate", "/v1/download/check"])
def test_the_same_body_without_it_is_taken(alice: Service, path: str) -> None:
    assert alice.http.post(path, json=BODIES[path]).is_success


@pytest.mark.parametrize(("method", "end"), [("POST", "retry"), ("POST", "ticket"), ("DELETE", "")])
def test_calls_without_a_body_read_none(bob: Service, alices: str, method: str, end: str) -> None:
    body = {"jobId": alices, "owner": "user:alice", "userId": "alice", "force": True}
    reply = bob.http.request(method, f"/v1/download/{alices}/{end}".rstrip("/"), json=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "JOB_NOT_FOUND")


@pytest.mark.parametrize(
    "header", ["x-user-id", "x-owner", "x-amzn-oidc-identity", "x-amzn-oidc-data", "x-forwarded-user"]
)
def test_no_header_says_who_calls(alice: Service, bob: Service, alices: str, header: str) -> None:
    forged = {header: alice.owner.removeprefix("user:")}
    assert bob.http.get(f"/v1/download/status/{alices}", headers=forged).status_code == 404


@pytest.mark.parametrize("field", ["owner", "userId", "endsAt"])
def test_a_frame_with_a_field_too_many_is_refused(bob: Service, bobs: str, field: str) -> None:
    with bob.watch() as socket:
        say(socket, "subscribe", jobId=bobs, **{field: "user:alice"})
        assert hear(socket)["error"]["code"] == "INVALID_FRAME"


def test_a_job_tells_its_contract_and_no_more(alice: Service, alices: str) -> None:
    assert set(alice.status(alices)) == TOLD
    everything = alice.http.get(f"/v1/download/{alices}").text + json.dumps(alice.status(alices))
    assert alice.owner.removeprefix("user:") not in everything
