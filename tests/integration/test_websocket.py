"""websocket on moto and a management API on loopback, with its sample events."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

import websocket
from downloads.model import Job
from tests.conftest import a_job, failed, ready
from tests.integration.conftest import CONNECTION, IDS, JOB_ID, context, sample
from tests.sockets import SocketApi

NOW = datetime.now(UTC)


def say(body: str, api: SocketApi) -> list[dict[str, Any]]:
    """The frames that one message brings."""
    before = len(api.frames.get(CONNECTION, []))
    assert websocket.handler(sample("websocket") | {"body": body}, context()) == {"statusCode": 200}
    return [json.loads(frame) for frame in api.frames.get(CONNECTION, [])[before:]]


def test_subscribe_answers_with_a_snapshot(aws: SimpleNamespace, job: Job, socket_api: SocketApi) -> None:
    websocket.handler(sample("websocket"), context())
    (frame,) = [json.loads(frame) for frame in socket_api.frames[CONNECTION]]
    assert (frame["type"], frame["version"], frame["status"], frame["files"]) == ("snapshot", 1, "queued", [])
    assert (frame["part"], frame["parts"]) == (1, 1)
    assert aws.watchers.of(JOB_ID, NOW) == [CONNECTION]


def test_a_subscriber_to_an_ended_job_gets_its_final_state(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    aws.jobs.record(job, [ready(70000), ready(70007), failed(70014)], NOW)
    (frame,) = say(json.dumps({"action": "subscribe", "jobId": JOB_ID}), socket_api)
    assert (frame["status"], frame["progress"]["percentage"], len(frame["files"])) == ("completed", 100, 3)


def test_a_big_job_comes_in_parts_below_32_kb(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    ids = list(range(99_999_600, 100_000_000))
    big = a_job(total=400, created_at=NOW, expires_at=datetime(2100, 1, 1, tzinfo=UTC))
    aws.jobs.create(big, ids)
    aws.jobs.record(big, [failed(file_id) for file_id in ids], NOW)
    parts = say(json.dumps({"action": "subscribe", "jobId": big.job_id}), socket_api)
    assert len(parts) > 1
    assert [part["part"] for part in parts] == list(range(1, len(parts) + 1))
    assert {part["parts"] for part in parts} == {len(parts)}
    assert [file["file_id"] for part in parts for file in part["files"]] == ids
    assert max(len(frame.encode()) for frame in socket_api.frames[CONNECTION]) < 32_768


def test_ping_and_unsubscribe(aws: SimpleNamespace, job: Job, socket_api: SocketApi) -> None:
    websocket.handler(sample("websocket"), context())
    websocket.handler(sample("websocket.ping"), context())
    websocket.handler(sample("websocket.unsubscribe"), context())
    kinds = [json.loads(frame)["type"] for frame in socket_api.frames[CONNECTION]]
    assert kinds == ["snapshot", "pong", "unsubscribed"]
    assert aws.watchers.of(JOB_ID, NOW) == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        "{}",
        "7",
        '{"action": "fly"}',
        '{"action": "subscribe"}',
        '{"action": "subscribe", "jobId": "x"}',
        '{"action": "ping", "more": 1}',
        "[" * 20_000,
    ],
)
def test_a_frame_that_means_nothing_is_answered_so(
    aws: SimpleNamespace, socket_api: SocketApi, body: str
) -> None:
    (frame,) = say(body, socket_api)
    assert (frame["type"], frame["error"]["code"]) == ("error", "INVALID_FRAME")


def test_subscribing_to_an_unknown_job(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    (frame,) = say(json.dumps({"action": "subscribe", "jobId": JOB_ID}), socket_api)
    assert (frame["error"]["code"], frame["jobId"]) == ("JOB_NOT_FOUND", JOB_ID)
    assert aws.watchers.of(JOB_ID, NOW) == []


def test_connecting_with_a_job_is_a_wish_to_watch_it(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    assert websocket.handler(sample("websocket.connect"), context()) == {"statusCode": 200}
    key = {"PK": {"S": f"CONN#{CONNECTION}"}, "SK": {"S": "WISH"}}
    item = aws.dynamodb.get_item(TableName="downloads", Key=key)["Item"]
    assert (item["job_id"], item["tries"]) == ({"S": JOB_ID}, {"N": "0"})
    assert int(item["expires_at"]["N"]) > NOW.timestamp()
    # The connection does not stand yet: a frame sent now would find it gone.
    assert socket_api.frames == {}


@pytest.mark.parametrize(("query", "status"), [({}, 200), ({"jobId": "x"}, 400), ({"jobId": JOB_ID}, 404)])
def test_connecting_otherwise(
    aws: SimpleNamespace, socket_api: SocketApi, query: dict[str, str], status: int
) -> None:
    event = sample("websocket.connect") | {"queryStringParameters": query}
    assert websocket.handler(event, context()) == {"statusCode": status}


def test_while_the_table_is_away_a_frame_and_a_handshake_are_told_to_come_again(
    socket_api: SocketApi, table_away: None
) -> None:
    (frame,) = say(json.dumps({"action": "subscribe", "jobId": JOB_ID}), socket_api)
    assert (frame["type"], frame["error"]["code"]) == ("error", "SERVICE_UNAVAILABLE")
    assert websocket.handler(sample("websocket.connect"), context()) == {"statusCode": 503}


def test_disconnecting_forgets_the_watcher(aws: SimpleNamespace, job: Job, socket_api: SocketApi) -> None:
    aws.watchers.add(JOB_ID, CONNECTION, None, NOW)
    websocket.handler(sample("websocket.disconnect"), context())
    assert aws.watchers.of(JOB_ID, NOW) == []


def test_a_subscriber_who_left_meanwhile_is_forgotten(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    socket_api.gone.add(CONNECTION)
    websocket.handler(sample("websocket"), context())
    assert (aws.watchers.of(JOB_ID, NOW), IDS[0]) == ([], 70000)
