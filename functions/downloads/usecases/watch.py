"""Let a WebSocket connection watch jobs."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from downloads.caller import Session
from downloads.contracts.frames import Expired, error_frame, snapshot_frames
from downloads.contracts.replies import FileState
from downloads.errors import ConnectionFaultError, ConnectionGoneError
from downloads.model import Job, Wish
from downloads.ports import Jobs
from downloads.usecases.read import page_of_files
from downloads.watch_ports import Connections, Watchers

MOST_TRIES = 30


@dataclass(frozen=True, slots=True)
class Desk:
    """What watching needs."""

    jobs: Jobs
    watchers: Watchers
    connections: Connections


def subscribe(job_id: str, connection_id: str, session: Session, desk: Desk, now: datetime) -> None:
    """Registers the watcher, then sends what is known: a change in between is sent twice, never lost.

    Raises ConnectionGoneError or ConnectionFaultError.
    """
    if visible(job_id, session, desk.jobs) is None:
        desk.connections.send(connection_id, error_frame("JOB_NOT_FOUND", "There is no such job.", job_id))
        return
    desk.watchers.add(job_id, connection_id, session.ends_at, now)
    job = visible(job_id, session, desk.jobs)
    for frame in _snapshot(job, desk.jobs) if job else []:
        desk.connections.send(connection_id, frame)


def visible(job_id: str, session: Session, jobs: Jobs) -> Job | None:
    """The job, if whoever opened the connection may see it."""
    return jobs.owned(job_id, session.owner) if session.opens(job_id) else None


def expire(connection_id: str, connections: Connections) -> None:
    """Tells a connection that its time is over, and closes it. Raises ConnectionFaultError."""
    # Who is gone, or too slow to be told, is closed all the same.
    with suppress(ConnectionGoneError, ConnectionFaultError):
        connections.send(connection_id, Expired().json())
    connections.close(connection_id)


def fulfil(wish: Wish, desk: Desk, now: datetime) -> None:
    """Subscribes a connection that named its job as it was opened.

    While $connect runs, API Gateway says Gone of the connection: the wish is then written anew, and
    comes round again with the stream.
    """
    try:
        subscribe(wish.job_id, wish.connection_id, wish.session, desk, now)
    except (ConnectionGoneError, ConnectionFaultError):
        desk.watchers.leave(wish.connection_id)
        if wish.tries < MOST_TRIES:
            desk.watchers.wish(replace(wish, tries=wish.tries + 1), now)


def _snapshot(job: Job, jobs: Jobs) -> list[str]:
    """The frames that say all that is known of a job."""
    known = page_of_files(job, jobs, limit=job.total)
    files = [FileState.of(file_id, result) for file_id, result in known.files if result]
    return list(snapshot_frames(job, files))
