"""Follow a job from any version on: what Server-Sent Events and their Last-Event-ID are made of."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from downloads.contracts.events import change, end, snapshot
from downloads.contracts.frames import JobFrame
from downloads.contracts.replies import FileState
from downloads.file import FileStatus
from downloads.model import Job
from downloads.ports import Jobs
from downloads.usecases.read import load_job, page_of_files

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 1.0
GROWTH = 1.25


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for news, in seconds; ``clock`` tells seconds, ``wait`` lets that many pass."""

    hold_s: float
    clock: Callable[[], float] = time.monotonic
    wait: Callable[[float], None] = time.sleep  # noqa: TID251 # long polling: waiting is what it is for

    @classmethod
    def until(cls, ends_at: datetime | None, hold_s: float, now: datetime) -> Self:
        """Waits no longer than the session lasts that opened the stream."""
        left_s = (ends_at - now).total_seconds() if ends_at else hold_s
        return cls(max(0.0, min(hold_s, left_s)))

    def pauses(self) -> Iterator[None]:
        """One item after each pause; pauses grow from 0.25 to 1 s and end with ``hold_s``."""
        deadline = self.clock() + self.hold_s
        pause = FIRST_PAUSE_S
        while (left := deadline - self.clock()) > 0:
            self.wait(min(pause, left))
            yield
            pause = min(pause * GROWTH, LONGEST_PAUSE_S)


def follow(
    job_id: str, owner: str, held: int | None, jobs: Jobs, patience: Patience
) -> list[JobFrame] | None:
    """What is new to someone who holds version ``held``, as soon as there is something.

    - Holds nothing, an older version or one that this job never had: a snapshot at once.
    - Holds the current version: waits, then tells what changed since; ``[]`` when nothing did in time.
    - Holds the last version of a job that has ended: None, nothing will ever follow.

    The news of an ended job close with an ``end``. Raises JobNotFoundError, also when the job expires
    while waiting.
    """
    job = load_job(job_id, owner, jobs)
    if job.version != held:
        return _ending(job, snapshot(job, _known(job, jobs)))
    if job.status.terminal:
        return None
    before = _files(job, jobs)
    # Read after the job, they may be newer than it: the same version once more proves that they are not.
    job = load_job(job_id, owner, jobs)
    if job.version != held:
        return _ending(job, snapshot(job, _known(job, jobs)))
    for _ in patience.pauses():
        job = load_job(job_id, owner, jobs)
        if job.version != held:
            after = _files(job, jobs)
            changed = [after[file_id] for file_id in after if after[file_id] != before.get(file_id)]
            return _ending(job, change(job, held, changed))
    return []


def _ending(job: Job, state: JobFrame) -> list[JobFrame]:
    return [state, end(job)] if job.status.terminal else [state]


def _known(job: Job, jobs: Jobs) -> list[FileState]:
    return [file for file in _files(job, jobs).values() if file.status is not FileStatus.PENDING]


def _files(job: Job, jobs: Jobs) -> dict[int, FileState]:
    """Every file of the job, at least as new as ``job``: what is newer comes again with its version."""
    page = page_of_files(job, jobs, limit=job.total)
    return {file_id: FileState.of(file_id, result) for file_id, result in page.files}
