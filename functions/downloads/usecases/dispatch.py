"""Send the files of an accepted job on their way; what is withheld from its owner fails at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from downloads.errors import ContendedError, StateUnavailableError
from downloads.file import ErrorCode, FailedFile
from downloads.model import Job
from downloads.ports import Queue, RecordingJobs


@dataclass(frozen=True, slots=True)
class Accepted:
    """The job, the ids whose messages could not be sent yet, and whether it was accepted before."""

    job: Job
    unsent: Sequence[int] = ()
    replayed: bool = False


def dispatch(  # noqa: PLR0913, PLR0917 # the job, its files and the two ports that they go through
    job: Job,
    file_ids: Sequence[int],
    withheld: Collection[int],
    jobs: RecordingJobs,
    queue: Queue,
    now: datetime,
) -> Accepted:
    """Sends one message a file, but none for the withheld: those fail without a look at the store.

    What cannot be done now, the sweeper does: the job is accepted, whatever fails here.
    """
    barred = [file_id for file_id in file_ids if file_id in withheld]
    if barred:
        job = _barred(job, barred, jobs, now)
    if job.status.terminal:
        return Accepted(job)
    return Accepted(job, queue.send(job, [file_id for file_id in file_ids if file_id not in withheld]))


def failures(file_ids: Sequence[int], code: ErrorCode, withheld: Collection[int] = ()) -> list[FailedFile]:
    """Failed for this reason, but for the withheld: theirs does not tell whether there are such files."""
    return [FailedFile(file_id, ErrorCode.FORBIDDEN if file_id in withheld else code) for file_id in file_ids]


def _barred(job: Job, file_ids: Sequence[int], jobs: RecordingJobs, now: datetime) -> Job:
    try:
        jobs.record(job, failures(file_ids, ErrorCode.FORBIDDEN), now)
        return jobs.get(job.job_id) or job
    except (ContendedError, StateUnavailableError):
        return job
