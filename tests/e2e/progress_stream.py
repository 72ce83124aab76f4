"""What every client of the event stream must have seen, however it was made."""

from collections.abc import Iterator, Sequence

import httpx

from tests.e2e.conftest import TERMINAL, Service
from tests.events import Event, parse


def version_of(event: Event) -> str:
    """Its id without what opens the stream again: that rides on the ids of a stream opened by a ticket."""
    return event.id.partition(".")[0]


def answers(service: Service, job_id: str) -> Iterator[httpx.Response]:
    """Its answers, each asked for from the last event on as EventSource does, until one holds the end."""
    held: dict[str, str] = {}
    while True:
        reply = service.http.get(f"/v1/download/progress/{job_id}", headers=held)
        yield reply
        events = parse(reply.text)
        if events and events[-1].name == "end":
            return
        held = {"last-event-id": events[-1].id} if events else held


def check(events: Sequence[Event], job_id: str, service: Service) -> None:
    """A snapshot, changes without gap or repeat, the end; and what they add up to is the job's state."""
    *states, last = events
    assert (states[0].name, last.name) == ("snapshot", "end")
    ids = [int(version_of(event)) for event in states]
    assert ids == sorted(set(ids))
    files: dict[int, str] = {}
    for event in states:
        assert (event.data["type"], str(event.data["version"])) == (event.name, version_of(event))
        files = {} if event.name == "snapshot" else files
        files |= {file["file_id"]: file["status"] for file in event.data["files"]}
    job = service.status(job_id)
    assert version_of(states[-1]) == version_of(last) == str(job["version"])
    assert job["status"] in TERMINAL
    assert states[-1].data["progress"] == last.data["progress"] == job["progress"]
    assert files == {file["file_id"]: file["status"] for file in job["files"]}
