"""Rounds of jobs to be bundled, and their queue, in domain words."""

from dataclasses import dataclass
from typing import Protocol

from downloads.model import Job
from downloads.trace import Origin


@dataclass(frozen=True, slots=True)
class BundleTask:
    """Bundle a round of a job, go on with it, or clear away what is left of it: the job says which."""

    job_id: str
    round: int
    origin: Origin | None = None

    @classmethod
    def of(cls, job: Job) -> "BundleTask":
        """The task of a job's round as it is."""
        return cls(job.job_id, job.round, job.origin)


class BundleQueue(Protocol):
    """The queue of rounds to be bundled."""

    def send(self, task: BundleTask) -> None:
        """Queues a task. Raises BundleUnsentError."""

    def hide(self, receipt: str, seconds: int) -> bool:
        """Hides a received task for that long.

        False when that could not be said: then it comes again after the queue's own visibility timeout.
        """
