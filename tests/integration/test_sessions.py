"""Connections and the sessions that opened them: bound to an owner and a job, ended with their token."""

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest

import close_connections
import websocket
from downloads.model import Job
from tests.integration.conftest import CONNECTION, JOB_ID, context, sample
from tests.sockets import SocketApi

OTHER_JOB = "00000000-0000-4000-8000-000000000000"
GRACE_S = 30


def told(owner: str = "anonymous", job_id: str = "", ends_in_s: int | None = None) -> dict[str, Any]:
    ends_at = "" if ends_in_s is None else str(int(time.time()) + ends_in_s)
    return {"owner": owner, "jobId": job_id, "endsAt": ends_at, "principalId": "x", "integrationLatency": 1}


def event(name: str, authorizer: dict[str, Any] | None, **more: object) -> dict[str, Any]:
    found = sample(name) | more
    found["requestContext"]["authorizer"] = authorizer
    return found


def connect(authorizer: dict[str, Any] | None, **query: str) -> int:
    made = event("websocket.connect", authorizer, queryStringParameters=query)
    return websocket.handler(made, context())["statusCode"]


def frames(api: SocketApi) -> list[dict[str, Any]]:
    return [json.loads(frame) for frame in api.frames.get(CONNECTION, [])]


@pytest.mark.parametrize("authorizer", [None, {}, {"owner": ""}])
def test_a_connection_that_nobody_authorized_is_refused(
    aws: SimpleNamespace, job: Job, authorizer: dict[str, Any] | None
) -> None:
    assert connect(authorizer, jobId=JOB_ID) == 401


@pytest.mark.parametrize(
    ("authorizer", "status"),
    [
        (told(), 200),
        (told("user:bob"), 404),
        (told(job_id=JOB_ID), 200),
        (told(job_id=OTHER_JOB), 404),
    ],
)
def test_who_connects_sees_what_is_theirs(
    aws: SimpleNamespace, job: Job, authorizer: dict[str, Any], status: int
) -> None:
    assert connect(authorizer, jobId=JOB_ID) == status


def test_a_ticket_names_the_job_by_itself(aws: SimpleNamespace, job: Job) -> None:
    assert connect(told(job_id=JOB_ID)) == 200
    key = {"PK": {"S": f"CONN#{CONNECTION}"}, "SK": {"S": "WISH"}}
    assert aws.dynamodb.get_item(TableName="downloads", Key=key)["Item"]["job_id"] == {"S": JOB_ID}


@pytest.mark.parametrize("authorizer", [told("user:bob"), told(job_id=OTHER_JOB)])
def test_subscribing_to_another_s_job_finds_none(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi, authorizer: dict[str, Any]
) -> None:
    websocket.handler(event("websocket", authorizer), context())
    (frame,) = frames(socket_api)
    assert (frame["type"], frame["error"]["code"]) == ("error", "JOB_NOT_FOUND")


def test_after_the_token_and_its_grace_nothing_is_answered_but_that_it_is_over(
    aws: SimpleNamespace, job: Job, socket_api: SocketApi
) -> None:
    websocket.handler(event("websocket", told(ends_in_s=-GRACE_S + 5)), context())
    assert frames(socket_api)[-1]["type"] == "snapshot"
    websocket.handler(event("websocket", told(ends_in_s=-GRACE_S - 1)), context())
    assert frames(socket_api)[-1] == {"type": "expired"}
    assert socket_api.gone == {CONNECTION}


def test_a_connection_is_closed_when_its_time_is_over(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    connect(told(ends_in_s=-GRACE_S - 1))
    assert close_connections.handler(sample("close_connections"), context()) == {"closed": 1, "failed": 0}
    assert frames(socket_api) == [{"type": "expired"}]
    assert socket_api.gone == {CONNECTION}
    assert close_connections.handler(sample("close_connections"), context()) == {"closed": 0, "failed": 0}


def test_one_whose_time_is_not_over_is_left_alone(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    connect(told(ends_in_s=-GRACE_S + 20))
    connect(told())
    assert close_connections.handler(sample("close_connections"), context()) == {"closed": 0, "failed": 0}
    assert socket_api.frames == {}


def test_one_that_cannot_be_closed_now_is_closed_by_the_next_run(
    aws: SimpleNamespace, socket_api: SocketApi
) -> None:
    connect(told(ends_in_s=-GRACE_S - 1))
    socket_api.stuck.add(CONNECTION)
    assert close_connections.handler(sample("close_connections"), context()) == {"closed": 0, "failed": 1}
    socket_api.stuck.clear()
    assert close_connections.handler(sample("close_connections"), context()) == {"closed": 1, "failed": 0}


def test_who_left_by_themselves_are_not_called_again(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    gone = told(ends_in_s=-GRACE_S - 1)
    connect(gone)
    websocket.handler(event("websocket.disconnect", gone), context())
    assert close_connections.handler(sample("close_connections"), context()) == {"closed": 0, "failed": 0}
