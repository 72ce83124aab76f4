"""WebSocket clients that come late, drop out and come back: each ends with the right state."""

from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from infra_cdk import samples
from tests.e2e.conftest import TERMINAL, Service, hear, kill, say


def follow(socket: ClientConnection, job_id: str, known: dict[int, str]) -> dict[str, Any]:
    """Takes frames until the job has ended and every part of the news is here; answers with the last."""
    while True:
        frame = hear(socket)
        assert frame.get("jobId") == job_id, frame
        known |= {file["file_id"]: file["status"] for file in frame["files"]}
        if frame["status"] in TERMINAL and len(known) == frame["progress"]["total"]:
            return frame


def test_an_ended_job_is_told_at_once(service: Service) -> None:
    job_id = service.initiate([70000, samples.MISSING])
    ended = service.ended(job_id)
    with service.watch() as socket:
        say(socket, "subscribe", jobId=job_id)
        frame = hear(socket)
    assert (frame["type"], frame["status"], frame["version"]) == ("snapshot", "completed", ended["version"])
    assert [file["status"] for file in frame["files"]] == ["completed", "failed"]


def test_connecting_with_the_job_in_the_address_is_subscribing(service: Service) -> None:
    job_id = service.initiate([70000])
    service.ended(job_id)
    with service.watch(f"?jobId={job_id}") as socket:
        frame = hear(socket)
    assert (frame["type"], frame["status"], frame["jobId"]) == ("snapshot", "completed", job_id)


def test_a_connection_killed_in_mid_job_and_made_again_ends_with_the_right_state(service: Service) -> None:
    job_id = service.initiate(list(range(50_000, 51_000)))
    known: dict[int, str] = {}
    with service.watch() as socket:
        say(socket, "subscribe", jobId=job_id)
        first = hear(socket)
        known |= {file["file_id"]: file["status"] for file in first["files"]}
        kill(service, job_id)
        drain(socket)
    with service.watch() as socket:
        say(socket, "subscribe", jobId=job_id)
        last = follow(socket, job_id, known)
    assert first["status"] not in TERMINAL
    assert last["progress"] == service.status(job_id, limit=0)["progress"]
    assert last["progress"]["failed"] == len(known) == 1000


def drain(socket: ClientConnection) -> None:
    with pytest.raises(ConnectionClosed):  # noqa: PT012 # frames on their way may still arrive before the end
        while True:
            hear(socket)


def test_several_watchers_of_one_job_all_see_the_end(service: Service) -> None:
    job_id = service.initiate(sorted(samples.SIZES))
    with ExitStack() as stack:
        sockets = [stack.enter_context(service.watch()) for _ in range(5)]
        for socket in sockets:
            say(socket, "subscribe", jobId=job_id)
        for socket in sockets:
            assert follow(socket, job_id, {})["status"] == "completed"


def test_one_connection_watches_many_jobs_and_leaves_some(service: Service) -> None:
    ended = [service.initiate([70000]) for _ in range(3)]
    for job_id in ended:
        service.ended(job_id)
    with service.watch() as socket:
        for job_id in ended:
            say(socket, "subscribe", jobId=job_id)
            assert hear(socket)["jobId"] == job_id
        say(socket, "unsubscribe", jobId=ended[0])
        assert hear(socket) == {"type": "unsubscribed", "jobId": ended[0]}
        say(socket, "ping")
        assert hear(socket) == {"type": "pong"}


@pytest.mark.parametrize("frame", ["no json", "{}", '{"action":"fly"}', "[" * 5_000])
def test_nonsense_is_answered_and_the_connection_lives(service: Service, frame: str) -> None:
    with service.watch() as socket:
        socket.send(frame)
        assert hear(socket)["error"]["code"] == "INVALID_FRAME"
        say(socket, "ping")
        assert hear(socket)["type"] == "pong"
