"""Let a WebSocket connection watch jobs."""

from dataclasses import dataclass
from datetime import datetime

from downloads.contracts.frames import error_frame
from downloads.ports import Connections, Jobs, Watchers
from downloads.usecases.publish import snapshot


@dataclass(frozen=True, slots=True)
class Desk:
    """What watching needs."""

    jobs: Jobs
    watchers: Watchers
    connections: Connections


def subscribe(job_id: str, connection_id: str, desk: Desk, now: datetime) -> None:
    """Registers the watcher, then sends what is known: a change in between is sent twice, never lost."""
    if desk.jobs.get(job_id) is None:
        desk.connections.send(connection_id, error_frame("JOB_NOT_FOUND", "There is no such job.", job_id))
        return
    desk.watchers.add(job_id, connection_id, now, greet=False)
    job = desk.jobs.get(job_id)
    for frame in snapshot(job, desk.jobs) if job else []:
        desk.connections.send(connection_id, frame)
