"""Watching a job by Server-Sent Events, where a WebSocket does not get through."""

import threading
import time
from dataclasses import replace

import pytest

from delineate.api import Api
from delineate.progress import JobState
from delineate.standing import JobStatus
from delineate.watching.watch import Patience, Watch
from tests.integration.delineate.fake_jobs import FakeJob
from tests.integration.delineate.fake_service import FakeService, error

QUICK = Patience(first_pause=0.001, poll=0.001, poll_shortest=0, outage=0)
IDS = [70000, 70007, 70014]
BY_EVENTS = "No WebSocket (the service offers none); following by server-sent events instead."
BY_ASKING = "No live updates (the service offers none); asking for the status instead."


@pytest.fixture
def job(service: FakeService) -> FakeJob:
    service.websocket, service.events = False, True
    return service.create(IDS)


def watched(
    service: FakeService, job: FakeJob, patience: Patience = QUICK
) -> tuple[list[JobState], list[str]]:
    notes: list[str] = []
    with Api(service.url, sleep=lambda _: None) as api:
        return list(Watch(api, JobState(job.id), notes.append, patience).states()), notes


def ended_right(states: list[JobState]) -> bool:
    last = states[-1]
    return sorted(last.results) == IDS and last.status is JobStatus.COMPLETED and last.settled


def test_each_answer_goes_on_where_the_last_one_ended(service: FakeService, job: FakeJob) -> None:
    states, notes = watched(service, job)
    assert ended_right(states)
    assert notes == [BY_EVENTS]
    assert service.held[0] is None
    assert service.held[1:] == [state.version for state in states[:-1]]
    assert service.asked["GET /v1/download/status"] == 0


def test_an_answer_without_news_is_asked_for_again(service: FakeService) -> None:
    service.websocket, service.events, service.hold, service.halt_at = False, True, 0.001, 0
    job = service.create(IDS)

    def ends_once_asked_again() -> None:
        while len(service.held) == len(set(service.held)):
            time.sleep(0.01)
        job.advance(3)

    threading.Thread(target=ends_once_asked_again, daemon=True).start()
    states, _ = watched(service, job)
    assert ended_right(states)


def test_a_gap_has_the_whole_told_again(service: FakeService) -> None:
    service.websocket, service.events, service.halt_at = False, True, 0
    job = service.create(IDS)
    job.advance(3)
    with Api(service.url) as api:
        held = replace(JobState(job.id, version=1), missed=True)
        states = list(Watch(api, held, lambda _line: None, QUICK).states())
    assert ended_right(states)
    assert service.held == [None]


def test_an_answer_that_the_job_has_ended_is_looked_into(service: FakeService) -> None:
    service.websocket, service.events, service.halt_at = False, True, 0
    job = service.create(IDS)
    job.advance(3)
    with Api(service.url) as api:
        states = list(Watch(api, JobState(job.id, version=job.version), lambda _line: None, QUICK).states())
    assert ended_right(states)
    assert service.held == [job.version]


@pytest.mark.parametrize("status", [500, 503])
def test_faults_are_borne(service: FakeService, job: FakeJob, status: int) -> None:
    service.fail_events = [error(status, "SERVICE_UNAVAILABLE", "Not now.")] * 2
    states, notes = watched(service, job)
    assert ended_right(states)
    assert notes == [BY_EVENTS]


def test_faults_that_stay_leave_the_word_to_the_status(service: FakeService, job: FakeJob) -> None:
    service.fail_events = [error(503, "SERVICE_UNAVAILABLE", "Not now.")] * 50
    states, notes = watched(service, job)
    assert ended_right(states)
    assert notes == [BY_ASKING]
    assert len(service.fail_events) == 50 - QUICK.connections


def test_what_is_no_stream_leaves_the_word_to_the_status(service: FakeService, job: FakeJob) -> None:
    service.fail_events = [(200, {"not": "a stream"}, {})] * 50
    states, notes = watched(service, job)
    assert ended_right(states)
    assert notes == [BY_ASKING]


def test_events_are_followed_only_until_the_websocket_is_due(service: FakeService) -> None:
    service.websocket, service.events, service.halt_at = False, True, 0
    job = service.create(IDS)

    def ends_for_the_websocket() -> None:
        while not service.asked["ws subscribe"]:
            time.sleep(0.01)
        job.advance(3)

    threading.Thread(target=ends_for_the_websocket, daemon=True).start()
    states = []
    with Api(service.url) as api:
        for state in Watch(api, JobState(job.id), lambda _line: None, replace(QUICK, rejoin=0.1)).states():
            states.append(state)
            service.websocket = True
    assert ended_right(states)
    assert (service.asked["ws subscribe"], service.asked["GET /v1/download/status"]) == (1, 0)
