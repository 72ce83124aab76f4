"""What a job looks like now: a page of its files, and links that are always fresh."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from downloads.errors import FileFailedError, FileNotInJobError, JobNotFoundError
from downloads.file import ErrorCode, FailedFile, FileResult, FileStanding, PreparedFile, RestoringFile
from downloads.model import Job
from downloads.ports import Jobs, Objects
from downloads.usecases.prepare import link_to


@dataclass(frozen=True, slots=True)
class Page:
    """Files by ascending id, None where nothing is known yet; ``after`` is the cursor to go on from."""

    files: Sequence[tuple[int, FileStanding | None]]
    after: int | None = None

    @property
    def ready(self) -> list[PreparedFile]:
        return [result for _, result in self.files if isinstance(result, PreparedFile)]


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


def freshened(page: Page, objects: Objects, url_ttl: timedelta, now: datetime) -> Page:
    """The page with links that have at least half their life left."""
    return _each_ready(page, lambda file: _lively(file, objects, url_ttl, now), now)


def signed_anew(page: Page, objects: Objects, now: datetime) -> Page:
    """The page with links that have all of their life left."""
    return _each_ready(page, lambda file: _signed(file, objects, now), now)


def fresh(file: PreparedFile, objects: Objects, url_ttl: timedelta, now: datetime) -> PreparedFile:
    """The file with a link that has at least half its life left: signed again when it has not.

    Raises FileFailedError when the restored copy is gone that the link would lead to.
    """
    if archived_again(file, now):
        raise FileFailedError(FailedFile(file.file_id, ErrorCode.ARCHIVED))
    return _lively(file, objects, url_ttl, now)


def archived_again(file: PreparedFile, now: datetime) -> bool:
    """Whether the store has removed the restored copy, by the day that it gave when the file became ready."""
    return file.stored.copy_until is not None and file.stored.copy_until <= now


def _each_ready(page: Page, sign: Callable[[PreparedFile], PreparedFile], now: datetime) -> Page:
    def shown(file: PreparedFile) -> FileResult:
        return FailedFile(file.file_id, ErrorCode.ARCHIVED) if archived_again(file, now) else sign(file)

    files = [
        (file_id, shown(result) if isinstance(result, PreparedFile) else result)
        for file_id, result in page.files
    ]
    return Page(files, page.after)


def _lively(file: PreparedFile, objects: Objects, url_ttl: timedelta, now: datetime) -> PreparedFile:
    return file if file.link.expires_at - now >= url_ttl / 2 else _signed(file, objects, now)


def _signed(file: PreparedFile, objects: Objects, now: datetime) -> PreparedFile:
    return replace(file, link=link_to(file.file_id, file.stored, objects, now))
