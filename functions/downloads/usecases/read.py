"""What a job looks like now, and a page of its files."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from downloads.errors import FileFailedError, FileNotInJobError, JobNotFoundError
from downloads.file import ErrorCode, FailedFile, FileStanding, LinkedFile, PreparedFile, RestoringFile
from downloads.model import Job
from downloads.ports import Jobs


@dataclass(frozen=True, slots=True)
class Page:
    """Files by ascending id, None where nothing is known yet; ``after`` is the cursor to go on from."""

    files: Sequence[tuple[int, FileStanding | None]]
    after: int | None = None

    @property
    def ready(self) -> list[PreparedFile]:
        return [result for _, result in self.files if isinstance(result, PreparedFile)]

    @property
    def links(self) -> list[LinkedFile]:
        """What is ready, of a page that has its links."""
        return [result for _, result in self.files if isinstance(result, LinkedFile)]


def load_job(job_id: str, owner: str, jobs: Jobs) -> Job:
    """Raises JobNotFoundError for one that does not exist, has expired, or is another's."""
    job = jobs.owned(job_id, owner)
    if job is None:
        raise JobNotFoundError(job_id)
    return job


def still_waiting(job: Job, jobs: Jobs, now: datetime) -> Job:
    """The job with ``restored_by`` of the files that wait at this moment: a restore may be over early.

    Nobody counts those, so it reads how all files of the job stand, where that matters to an estimate.
    """
    if job.status.terminal or job.restored_by is None or job.restored_by <= now:
        return job
    file_ids = jobs.file_ids(job.job_id)
    known = jobs.standings(job, file_ids[0], file_ids[-1]) if file_ids else {}
    waits = (file.ready_at for file in known.values() if isinstance(file, RestoringFile))
    return replace(job, restored_by=max(waits, default=None))


def page_of_files(job: Job, jobs: Jobs, limit: int, after: int = 0) -> Page:
    """Up to ``limit`` files with ids greater than ``after``; none at all for a limit of 0."""
    if limit == 0:
        return Page([])
    waiting = [file_id for file_id in jobs.file_ids(job.job_id) if file_id > after]
    wanted = waiting[:limit]
    if not wanted:
        return Page([])
    known = jobs.standings(job, wanted[0], wanted[-1])
    more = len(waiting) > limit
    return Page([(file_id, known.get(file_id)) for file_id in wanted], wanted[-1] if more else None)


def one_file(job: Job, jobs: Jobs, file_id: int) -> PreparedFile | None:
    """The file, or None while it is pending.

    Raises FileNotInJobError, or FileFailedError when there will never be a link.
    """
    result = jobs.results(job, file_id, file_id).get(file_id)
    if result is None and file_id not in jobs.file_ids(job.job_id):
        raise FileNotInJobError(file_id)
    if result is None and job.status.terminal:
        result = FailedFile(file_id, ErrorCode.JOB_ENDED)
    if isinstance(result, FailedFile):
        raise FileFailedError(result)
    return result


def only_file(job: Job, jobs: Jobs) -> int | None:
    """The file's id when the job has just one."""
    return jobs.file_ids(job.job_id)[0] if job.total == 1 else None


def allowed(page: Page, withheld: Collection[int]) -> Page:
    """The page as someone sees it who may not have these files, whatever was so when they were asked for."""
    files = [
        (file_id, FailedFile(file_id, ErrorCode.FORBIDDEN) if file_id in withheld else result)
        for file_id, result in page.files
    ]
    return Page(files, page.after)
