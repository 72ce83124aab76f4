"""API2:2023. Whoever was let in stays no longer than the token lasts."""

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import httpx
from websockets.exceptions import ConnectionClosed

from downloads.aws.endings import DynamoEndings
from downloads.model import Job
from tests.e2e.conftest import Service, hear, say
from tests.events import parse
from tests.security.conftest import GRACE_S, Brief, opened
from tests.security.doors import heard_until_closed, stream
from tests.security.forgery import Pool

LASTS_S = 3


def test_a_connection_whose_time_is_over_is_told_and_closed(pool: Pool, alice: Service) -> None:
    """Its entry is moved into the past, as if the token had been an older one."""
    end = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=20)
    endings = DynamoEndings(alice.cloud.client("dynamodb"), alice.cloud.outputs["TableName"])
    with opened(alice, pool.sign(exp=int(end.timestamp()) - GRACE_S)) as due, alice.watch() as other:
        ((connection_id, _),) = [one for one in endings.due(end) if one[1] == end]
        endings.forget(connection_id, end)
        endings.note(connection_id, datetime.now(UTC) - timedelta(seconds=1))
        alice.cloud.client("lambda").invoke(FunctionName=alice.cloud.outputs["CloseConnectionsName"])
        assert heard_until_closed(due) == [{"type": "expired"}]
        say(other, "ping")
        assert hear(other) == {"type": "pong"}


def test_a_held_stream_ends_with_its_token(
    pool: Pool, alice: Service, idle: Job, stranger: httpx.Client
) -> None:
    bearer = f"Bearer {pool.sign(exp=int(time.time()) + LASTS_S)}"
    began = time.monotonic()
    held = stream(stranger, idle.job_id, authorization=bearer, last_event_id="1")
    assert (held.status_code, parse(held.text)) == (200, [])
    assert time.monotonic() - began < LASTS_S + 3
    again = stream(stranger, idle.job_id, authorization=bearer, last_event_id="1")
    assert again.status_code == 401


def test_the_secret_of_a_stream_ends_with_the_token_that_drew_its_ticket(
    pool: Pool, idle: Job, stranger: httpx.Client
) -> None:
    ends_at = int(time.time()) + LASTS_S
    bearer = {"authorization": f"Bearer {pool.sign(exp=ends_at)}"}
    drawn = stranger.post(f"/v1/download/{idle.job_id}/ticket", headers=bearer).json()
    assert datetime.fromisoformat(drawn["expiresAt"]).timestamp() <= ends_at
    query = {"ticket": drawn["ticket"]}
    (event,) = parse(stream(stranger, idle.job_id, query).text)
    resumed = stream(stranger, idle.job_id, query, last_event_id=event.id)
    time.sleep(max(0.0, ends_at + 1 - time.time()))
    late = stream(stranger, idle.job_id, query, last_event_id=event.id)
    assert (resumed.status_code, late.status_code) == (200, 401)


def test_a_connection_hears_nothing_after_its_end(brief: Brief, alice: Service) -> None:
    """The real end of a real token; whoever watches the same job by a longer one hears of the change."""
    with alice.watch() as control:
        say(control, "subscribe", jobId=brief.job_id)
        assert hear(control)["type"] == "snapshot"
        time.sleep(max(0.0, brief.over_at + 1 - time.time()))
        assert alice.http.post(f"/v1/download/{brief.job_id}/retry").status_code == 202
        assert hear(control)["type"] == "change"
    # What it says now is answered by its end, unless the schedule has closed it already.
    with suppress(ConnectionClosed):
        say(brief.socket, "subscribe", jobId=brief.job_id)
    assert heard_until_closed(brief.socket) == [{"type": "expired"}]
