"""Accept a job: write it down, then send its files to be prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from downloads.file import Priority
from downloads.limits import Limits
from downloads.model import Job
from downloads.ports import Jobs, Queue


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller asks for."""

    file_ids: Sequence[int]
    owner: str
    priority: Priority = Priority.NORMAL
    callback_url: str | None = None


@dataclass(frozen=True, slots=True)
class Intake:
    """What accepting needs; ``ttl`` is how long a job is kept."""

    jobs: Jobs
    queue: Queue
    limits: Limits
    ttl: timedelta


def initiate(order: Order, intake: Intake, now: datetime) -> tuple[Job, Sequence[int]]:
    """Accepts a job; answers with it and with the ids whose messages could not be sent yet.

    The job is written before its first message leaves, so that no message can arrive before it.
    Raises RefusedFilesError, with nothing written, when ids or their number break the limits.
    """
    file_ids = sorted(set(order.file_ids))
    intake.limits.check(file_ids)
    job = Job(
        job_id=str(uuid4()),
        owner=order.owner,
        priority=order.priority,
        total=len(file_ids),
        created_at=now,
        expires_at=now + intake.ttl,
        callback_url=order.callback_url,
    )
    intake.jobs.create(job, file_ids)
    return job, intake.queue.send(job.job_id, file_ids, job.priority)
