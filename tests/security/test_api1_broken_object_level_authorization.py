"""API1:2023. Another's job is there for nobody: by no verb, no WebSocket, no stream, in no list."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from downloads.cursors import place_cursor
from downloads.model import Job, Place
from tests.e2e.conftest import Service, hear, say
from tests.security.doors import UNKNOWN, stream, websocket

VERBS = {
    "status": ("GET", "/v1/download/status/{}"),
    "status of one page": ("GET", "/v1/download/status/{}?limit=1&cursor=MQ"),
    "links": ("GET", "/v1/download/{}"),
    "one link": ("GET", "/v1/download/{}?file_id=70000"),
    "the link of no file of it": ("GET", "/v1/download/{}?file_id=70007"),
    "redirect": ("GET", "/v1/download/{}?file_id=70000&redirect=true"),
    "manifest": ("GET", "/v1/download/{}?format=aria2"),
    "cancel": ("DELETE", "/v1/download/{}"),
    "retry": ("POST", "/v1/download/{}/retry"),
    "ticket": ("POST", "/v1/download/{}/ticket"),
    "deliveries": ("GET", "/v1/download/{}/deliveries"),
    "events": ("GET", "/v1/download/progress/{}"),
}
MANY = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def shape(reply: httpx.Response) -> tuple[int, bytes, list[str]]:
    """All that can tell one answer from another, but the time of day."""
    return reply.status_code, reply.content, sorted(reply.headers)


@pytest.mark.parametrize("verb", VERBS)
def test_anothers_job_answers_as_one_that_does_not_exist(bob: Service, alices: str, verb: str) -> None:
    method, path = VERBS[verb]
    same = {"x-request-id": "probe"}
    theirs, nobodys = (bob.http.request(method, path.format(job), headers=same) for job in (alices, UNKNOWN))
    assert theirs.status_code == 404
    assert theirs.json()["error"]["code"] == "JOB_NOT_FOUND"
    assert shape(theirs) == shape(nobodys)


@pytest.mark.parametrize("verb", VERBS)
def test_its_owner_has_the_same_call_answered_otherwise(alice: Service, alices: str, verb: str) -> None:
    method, path = VERBS[verb]
    reply = alice.http.request(method, path.format(alices))
    assert b"JOB_NOT_FOUND" not in reply.content
    # Her retry has it prepared once more.
    alice.ended(alices)


def test_a_cancel_and_a_retry_of_another_change_nothing(
    alice: Service, bob: Service, alices: str, idle: Job
) -> None:
    """One job that could be retried, and one that could be cancelled."""
    alice.ended(alices)
    before = [alice.status(job_id, limit=0) for job_id in (alices, idle.job_id)]
    for job_id in (alices, idle.job_id):
        bob.http.delete(f"/v1/download/{job_id}")
        bob.http.post(f"/v1/download/{job_id}/retry")
    after = [alice.status(job_id, limit=0) for job_id in (alices, idle.job_id)]
    for each in (*before, *after):
        # What is left of the time is another at every look.
        each.pop("estimatedCompletionAt", None)
    assert after == before


@pytest.mark.parametrize("form", ["upper", "bare", "urn"])
def test_no_way_to_write_an_id_leads_around_the_owner(bob: Service, alices: str, form: str) -> None:
    written = {"upper": alices.upper(), "bare": UUID(alices).hex, "urn": UUID(alices).urn}[form]
    assert bob.http.get(f"/v1/download/status/{written}").status_code == 404
    assert bob.http.delete(f"/v1/download/{written}").status_code == 404


def test_a_subscription_to_anothers_job_is_one_to_none(bob: Service, alices: str) -> None:
    with bob.watch() as socket:
        heard = []
        for job_id in (alices, UNKNOWN):
            say(socket, "subscribe", jobId=job_id)
            heard.append(json.dumps(hear(socket)).replace(job_id, "-"))
    assert json.loads(heard[0])["error"]["code"] == "JOB_NOT_FOUND"
    assert heard[0] == heard[1]


def test_nothing_of_anothers_job_is_told_after_the_refusal(alice: Service, bob: Service) -> None:
    job_id = alice.initiate([70000, 70007])
    with bob.watch() as socket:
        say(socket, "subscribe", jobId=job_id)
        assert hear(socket)["type"] == "error"
        alice.ended(job_id)
        say(socket, "ping")
        assert hear(socket) == {"type": "pong"}


def test_connecting_to_anothers_job_is_refused_as_to_none(bob: Service, alices: str) -> None:
    token = f"Bearer {bob.token}"
    theirs, nobodys = (websocket(bob, f"?jobId={job}", authorization=token) for job in (alices, UNKNOWN))
    assert theirs == nobodys
    assert theirs >= 400


def test_a_ticket_for_ones_own_job_opens_no_other(
    bob: Service, alices: str, bobs: str, stranger: httpx.Client
) -> None:
    assert stream(stranger, alices, {"ticket": bob.ticket(bobs)}).status_code == 401
    assert websocket(bob, f"?ticket={bob.ticket(bobs)}&jobId={alices}") == 403


def listed(user: Service, **query: str) -> set[str]:
    reply = user.http.get("/v1/downloads", params={"limit": "100", **query})
    assert reply.status_code in {200, 422}, reply.text
    return {job["jobId"] for job in reply.json().get("jobs", [])}


def test_a_list_shows_ones_own_jobs_alone(alice: Service, bob: Service, alices: str, bobs: str) -> None:
    assert alices in listed(alice)
    assert bobs in listed(bob)
    assert not listed(alice) & listed(bob)


@pytest.mark.parametrize("when", [timedelta(days=-1), timedelta(), timedelta(days=1)])
def test_a_place_forged_at_anothers_job_shows_ones_own_alone(
    alice: Service, bob: Service, bobs: str, when: timedelta
) -> None:
    cursor = place_cursor(Place(datetime.now(UTC) + when, bobs)) or ""
    assert not listed(alice, cursor=cursor) & listed(bob)


def test_anothers_cursor_shows_ones_own_alone(alice: Service, bob: Service, bobs: str) -> None:
    bob.initiate([70000])
    cursor = bob.http.get("/v1/downloads", params={"limit": 1}).json()["nextCursor"]
    assert not listed(alice, cursor=cursor) & listed(bob)


@MANY
@given(bit=st.integers(0, 8 * 50 - 1))
def test_a_cursor_with_a_bit_changed_shows_ones_own_alone(
    alice: Service, bob: Service, bobs: str, bit: int
) -> None:
    told = bytearray(f"{round(datetime.now(UTC).timestamp() * 1000)} {bobs}".encode())
    told[bit // 8 % len(told)] ^= 1 << bit % 8
    cursor = base64.urlsafe_b64encode(bytes(told)).decode().rstrip("=")
    assert not listed(alice, cursor=cursor) & listed(bob)


@MANY
@given(text=st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_no_cursor_of_files_leads_out_of_the_job(alice: Service, alices: str, text: str) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")[:64]
    reply = alice.http.get(f"/v1/download/status/{alices}", params={"cursor": cursor})
    assert reply.status_code in {200, 422}
    assert {file["file_id"] for file in reply.json().get("files", [])} <= {70000, 70084}
