"""Tell watchers what changed: one set of frames a job and batch, whatever the number of files."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from downloads.changes import Changes
from downloads.contracts.frames import change_frames
from downloads.contracts.replies import FileState
from downloads.errors import ConnectionFaultError, ConnectionGoneError
from downloads.model import Job
from downloads.ports import Jobs, unheard
from downloads.watch_ports import Connections, Watchers

SENDERS = 8


@dataclass(frozen=True, slots=True)
class Audience:
    """What publishing needs. ``on_fault`` is told of a job, a connection and why no frame reached it."""

    jobs: Jobs
    watchers: Watchers
    connections: Connections
    on_fault: Callable[[str, str, Exception], None]
    on_job: Callable[[Job], None] = unheard


def settle(job_id: str, changes: Changes, jobs: Jobs) -> None:
    """Writes down what was counted beside the job, to be told with the rest of the changes.

    An open job's own record says nothing of that, and readers may have seen it.
    """
    told_open = changes.job is not None and not changes.job.status.terminal
    if (changes.counted or told_open) and (settled := jobs.settle(job_id, announced=True)):
        changes.settle(settled)


def publish(job_id: str, changes: Changes, audience: Audience, now: datetime) -> int:
    """Sends the changes to every watcher; answers how many were there."""
    job = changes.job
    watching = audience.watchers.of(job_id, now) if job else []
    if job is None or not watching:
        return 0
    audience.on_job(job)
    # Results that somebody else has settled tell of no version of their own, so of no gap either.
    since = changes.since if changes.since is not None else 0
    files = [FileState.of(result.file_id, result) for result in changes.results(job)]
    return _broadcast(job_id, watching, list(change_frames(job, since, files)), audience)


def _broadcast(job_id: str, connection_ids: Sequence[str], frames: Sequence[str], audience: Audience) -> int:
    with ThreadPoolExecutor(max_workers=min(SENDERS, len(connection_ids))) as pool:
        alive = pool.map(lambda connection: _deliver(job_id, connection, frames, audience), connection_ids)
        return sum(alive)


def _deliver(job_id: str, connection_id: str, frames: Iterable[str], audience: Audience) -> bool:
    """Forgets at once who cannot be reached, so that a run cut short has done that at least."""
    there = _send(job_id, connection_id, frames, audience)
    if not there:
        audience.watchers.remove(job_id, [connection_id])
    return there


def _send(job_id: str, connection_id: str, frames: Iterable[str], audience: Audience) -> bool:
    try:
        for frame in frames:
            audience.connections.send(connection_id, frame)
    except ConnectionGoneError:
        return False
    except ConnectionFaultError as fault:
        # A later frame may be of the same version and show no gap, and every batch might wait for it again:
        # a client that hears nothing for 15 s subscribes anew.
        audience.on_fault(job_id, connection_id, fault)
        return False
    return True
