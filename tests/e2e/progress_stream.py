"""What every client of the event stream must have seen, however it was made."""

from collections.abc import Sequence

from tests.e2e.conftest import TERMINAL, Service
from tests.events import Event


def version_of(event: Event) -> str:
    """Its id without what opens the stream again: that rides on the ids of a stream opened by a ticket."""
    return event.id.partition(".")[0]


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
