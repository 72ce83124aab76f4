"""Let a WebSocket connection watch jobs."""

from dataclasses import dataclass, replace
from datetime import datetime

from downloads.contracts.frames import error_frame, snapshot_frames
from downloads.contracts.replies import FileState
from downloads.errors import ConnectionFaultError, ConnectionGoneError
from downloads.model import Job, Wish
from downloads.ports import Connections, Jobs, Watchers
from downloads.usecases.read import page_of_files

MOST_TRIES = 30


@dataclass(frozen=True, slots=True)
class Desk:
    """What watching needs."""

    jobs: Jobs
    watchers: Watchers
    connections: Connections


def subscribe(job_id: str, connection_id: str, desk: Desk, now: datetime) -> None:
    """Registers the watcher, then sends what is known: a change in between is sent twice, never lost.

    Raises ConnectionGoneError or ConnectionFaultError.
    """
    if desk.jobs.get(job_id) is None:
        desk.connections.send(connection_id, error_frame("JOB_NOT_FOUND", "There is no such job.", job_id))
        return
    desk.watchers.add(job_id, connection_id, now)
    job = desk.jobs.get(job_id)
    for frame in _snapshot(job, desk.jobs) if job else []:
        desk.connections.send(connection_id, frame)


def fulfil(wish: Wish, desk: Desk, now: datetime) -> None:
    """Subscribes a connection that named its job as it was opened.

    While $connect runs, API Gateway says Gone of the connection: the wish is then written anew, and
    comes round again with the stream.
    """
    try:
        subscribe(wish.job_id, wish.connection_id, desk, now)
    except (ConnectionGoneError, ConnectionFaultError):
        desk.watchers.leave(wish.connection_id)
        if wish.tries < MOST_TRIES:
            desk.watchers.wish(replace(wish, tries=wish.tries + 1), now)


def _snapshot(job: Job, jobs: Jobs) -> list[str]:
    """The frames that say all that is known of a job."""
    known = page_of_files(job, jobs, limit=job.total)
    files = [FileState.of(file_id, result) for file_id, result in known.files if result]
    return list(snapshot_frames(job, files))
