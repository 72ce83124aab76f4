"""Watching a job over connections that break, lose frames, fall silent or cannot be had."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from socket import create_server
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from delineate.api import Api
from delineate.errors import ServiceError, Stopped, Unreachable
from delineate.progress import JobState
from delineate.standing import JobStatus
from delineate.stop import Stop
from delineate.watching.watch import Patience, Watch
from tests.integration.delineate.fake_jobs import FakeJob
from tests.integration.delineate.fake_service import FakeService, error

QUICK = Patience(silence=20, first_pause=0.001, poll=0.001, poll_shortest=0, rejoin=60, outage=0)
IMPATIENT = replace(QUICK, silence=0.3)
IDS = list(range(70_000, 70_006))
Script = Callable[[ServerConnection, FakeService], None]


class Watched:
    """A job of six files watched to its end over connections that follow the scripts, one each."""

    def __init__(
        self, service: FakeService, *scripts: Script, patience: Patience = QUICK, idle_looks: int = 0
    ) -> None:
        self.service = service
        self.scripts = list(scripts)
        self.heard: list[dict[str, Any]] = []
        self.notes: list[str] = []
        service.halt_at = 0
        self.idle_looks = idle_looks
        service.on_status = self._looked_at
        self.job = service.create(IDS)
        with self._server(), Api(service.url, sleep=lambda _: None) as api:
            held = JobState.new(self.job.id, len(IDS))
            self.states = list(Watch(api, held, self.notes.append, patience).states())

    def _looked_at(self, job: FakeJob) -> None:
        """A look at the job's status finds one file more: a watch that goes astray ends all the same."""
        if self.service.asked["GET /v1/download/status"] > self.idle_looks:
            job.advance(1)

    @contextmanager
    def _server(self) -> Iterator[None]:
        with serve(self._talk, "127.0.0.1", 0) as server:
            self.service.ws_url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}/live"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield

    def _talk(self, socket: ServerConnection) -> None:
        if self.scripts:
            self.scripts.pop(0)(socket, self)

    def subscribed(self, socket: ServerConnection) -> None:
        """Wait for the next subscribe."""
        while True:
            told = json.loads(socket.recv(timeout=20))
            self.heard.append(told)
            if told["action"] == "subscribe":
                return

    def snapshot(self, socket: ServerConnection, **changes: object) -> None:
        files = list(self.job.files.values())
        self.say(
            socket,
            {"type": "snapshot", **self.job.account(), "files": files, "part": 1, "parts": 1, **changes},
        )

    def change(self, socket: ServerConnection, tell: bool = True) -> None:
        """One more file is prepared; the frame about it may be lost."""
        since, known = self.job.version, set(self.job.files)
        self.job.advance(1)
        news = [file for file_id, file in self.job.files.items() if file_id not in known]
        if tell:
            self.say(socket, {"type": "change", "since": since, **self.job.account(), "files": news})

    @staticmethod
    def say(socket: ServerConnection, frame: object) -> None:
        socket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def finish(self, socket: ServerConnection) -> None:
        while not self.job.ended:
            self.change(socket)

    @property
    def ended_right(self) -> bool:
        last = self.states[-1]
        return sorted(last.results) == IDS and last.status is JobStatus.COMPLETED and last.settled

    @property
    def ended_live(self) -> bool:
        return self.ended_right and self.service.asked["GET /v1/download/status"] == 0

    @property
    def subscriptions(self) -> int:
        return sum(told["action"] == "subscribe" for told in self.heard)


def whole(socket: ServerConnection, job: Watched) -> None:
    job.subscribed(socket)
    job.snapshot(socket)
    job.finish(socket)


def test_a_job_is_watched_live_without_asking_for_its_status(service: FakeService) -> None:
    watched = Watched(service, whole)
    assert watched.ended_live
    assert [len(state.results) for state in watched.states] == [0, 1, 2, 3, 4, 5, 6]
    assert watched.notes == []


def test_a_dropped_connection_is_made_again_and_ends_right(service: FakeService) -> None:
    def drops(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.snapshot(socket)
        job.change(socket)
        socket.socket.close()
        job.change(socket, tell=False)

    watched = Watched(service, drops, drops, whole)
    assert watched.ended_live
    assert watched.subscriptions == 3


def test_a_gap_asks_for_a_snapshot(service: FakeService) -> None:
    def loses(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.snapshot(socket)
        job.change(socket, tell=False)
        job.change(socket)
        job.subscribed(socket)
        job.snapshot(socket)
        job.finish(socket)

    watched = Watched(service, loses)
    assert watched.ended_live
    assert watched.subscriptions == 2


def test_silence_asks_for_a_snapshot_and_pings(service: FakeService) -> None:
    def silent(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.snapshot(socket)
        job.change(socket, tell=False)
        job.subscribed(socket)
        job.snapshot(socket)
        job.finish(socket)

    watched = Watched(service, silent, patience=IMPATIENT)
    assert watched.ended_live
    assert {"action": "ping"} in watched.heard


def test_a_connection_that_stays_silent_is_given_up_for_a_new_one(service: FakeService) -> None:
    def dead(socket: ServerConnection, job: Watched) -> None:
        for _ in range(9):
            job.heard.append(json.loads(socket.recv(timeout=20)))

    watched = Watched(service, dead, whole, patience=IMPATIENT)
    assert watched.ended_live
    assert watched.subscriptions == 3


def test_snapshots_that_stay_incomplete_leave_the_word_to_the_status(service: FakeService) -> None:
    def forgetful(socket: ServerConnection, job: Watched) -> None:
        job.job.advance(len(IDS))
        for _ in range(9):
            job.subscribed(socket)
            job.snapshot(socket, files=[])

    watched = Watched(service, forgetful, patience=IMPATIENT)
    assert watched.ended_right
    assert watched.notes == [
        "No live updates (its snapshots stay incomplete); asking for the status instead."
    ]


def test_polling_asks_for_the_files_that_the_counters_tell_of(service: FakeService) -> None:
    def thin(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.job.advance(1)
        job.snapshot(socket, files=[])
        socket.socket.close()

    watched = Watched(service, thin, idle_looks=2)
    assert watched.ended_right
    assert [(len(s.results), s.progress.completed) for s in watched.states][:2] == [(0, 1), (1, 1)]


def test_a_lost_part_of_the_last_snapshot_is_asked_for(service: FakeService) -> None:
    def halves(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.job.advance(len(IDS))
        job.snapshot(socket, files=list(job.job.files.values())[:3], parts=2)
        job.subscribed(socket)
        job.snapshot(socket, files=list(job.job.files.values())[3:], part=2, parts=2)

    assert Watched(service, halves, patience=IMPATIENT).ended_live


def test_frames_that_make_no_sense_are_passed_over(service: FakeService) -> None:
    def babbles(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.say(socket, {"type": "change", "since": 0, **job.job.account(), "jobId": "another", "files": []})
        for frame in (
            "not json",
            b"\xff\xfe",
            "[]",
            {"type": "news"},
            {"type": "change", "files": 3},
            {"type": "pong"},
        ):
            job.say(socket, frame)
        job.snapshot(socket)
        job.finish(socket)

    watched = Watched(service, babbles)
    assert watched.ended_live
    assert watched.subscriptions == 1


@pytest.mark.parametrize("why", ["none offered", "refused", "unreachable", "not an address"])
def test_without_live_updates_the_status_is_asked_for(service: FakeService, why: str) -> None:
    def refuses(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.say(socket, {"type": "error", "error": {"code": "INVALID_FRAME", "message": "no"}})

    service.websocket = why != "none offered"
    service.fixed_ws_url = {"unreachable": "ws://127.0.0.1:9/", "not an address": "http://"}.get(why)
    watched = Watched(service, refuses)
    assert watched.ended_right
    assert len(watched.notes) == 1
    assert "No live updates" in watched.notes[0]
    assert "asking for the status instead" in watched.notes[0]


def test_polling_gives_the_websocket_another_chance(service: FakeService) -> None:
    watched = Watched(service, _cut, _cut, _cut, whole, patience=replace(QUICK, rejoin=0.02), idle_looks=1000)
    assert watched.ended_right
    assert not watched.scripts


def _cut(socket: ServerConnection, job: Watched) -> None:
    socket.socket.close()


def test_polling_survives_an_outage_and_says_so(service: FakeService) -> None:
    service.websocket = False
    service.fail_status = [error(500, "INTERNAL", "Something broke.")] * 5
    watched = Watched(service, patience=replace(QUICK, outage=60))
    assert watched.ended_right
    assert any("Something broke" in note for note in watched.notes)


def test_a_service_that_stays_away_is_given_up(service: FakeService) -> None:
    service.websocket = False
    service.fail_status = [error(503, "BUSY", "Not now.")] * 50
    with pytest.raises((ServiceError, Unreachable), match="Not now"):
        Watched(service)


def test_a_busy_service_is_asked_again_by_websocket(service: FakeService) -> None:
    def busy(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.say(socket, {"type": "error", "error": {"code": "SERVICE_UNAVAILABLE", "message": "busy"}})

    watched = Watched(service, busy, whole)
    assert watched.ended_live
    assert watched.notes == []


def test_an_unknown_job_ends_the_watch(service: FakeService) -> None:
    def unknown(socket: ServerConnection, job: Watched) -> None:
        job.subscribed(socket)
        job.service.jobs.clear()
        job.say(
            socket,
            {"type": "error", "error": {"code": "JOB_NOT_FOUND", "message": "no"}, "jobId": job.job.id},
        )

    with pytest.raises(ServiceError, match="JOB_NOT_FOUND, request req-1"):
        Watched(service, unknown)


def test_a_websocket_that_never_opens_is_tried_once_then_only_now_and_then(service: FakeService) -> None:
    service.halt_at, service.events = 0, True
    with create_server(("127.0.0.1", 0)) as swallows:
        service.fixed_ws_url = f"ws://127.0.0.1:{swallows.getsockname()[1]}/live"
        job, notes = service.create(IDS), []

        def tell(line: str) -> None:
            notes.append(line)
            job.advance(len(IDS))

        service.hold = 0.01
        patience = replace(QUICK, opening=0.2, connections=3)
        with Api(service.url) as api:
            states = list(Watch(api, JobState.new(job.id, len(IDS)), tell, patience).states())
        swallows.settimeout(0.1)
        tries = 0
        with suppress(TimeoutError):
            while swallows.accept():
                tries += 1
    assert states[-1].settled
    assert notes == ["No WebSocket (it does not open); following by server-sent events instead."]
    assert tries == 1


def test_time_that_is_over_ends_the_opening_of_a_websocket(service: FakeService) -> None:
    service.halt_at = 0
    job = service.create(IDS)
    with create_server(("127.0.0.1", 0)) as swallows, Api(service.url) as api:
        service.fixed_ws_url = f"ws://127.0.0.1:{swallows.getsockname()[1]}/live"
        watch = Watch(api, JobState.new(job.id, len(IDS)), lambda _line: None, QUICK, Stop.after(0.2))
        with pytest.raises(Stopped):
            list(watch.states())
    assert service.held == []
