"""A job has ended: keep it, and what became of each of its files."""

from downloads.file import LARGEST_FILE_ID, FailedFile, FileResult, FileStatus, PreparedFile
from downloads.history_ports import History, HistoryFile
from downloads.model import Job
from downloads.ports import Jobs


def export(job: Job, jobs: Jobs, history: History) -> bool:
    """Keeps a job as it ended; False when that, or a later end, is kept already.

    ``job`` may be gone from the table: results outlive it. Of ids that are gone as well, those without a
    result are not known any more. Raises StateUnavailableError or HistoryDownError.
    """
    results = jobs.results(job, 0, LARGEST_FILE_ID)
    file_ids = jobs.file_ids(job.job_id) or sorted(results)
    return history.keep(job, [_kept(file_id, results.get(file_id)) for file_id in file_ids])


def _kept(file_id: int, result: FileResult | None) -> HistoryFile:
    if isinstance(result, PreparedFile):
        stored = result.stored
        return HistoryFile(file_id, FileStatus.COMPLETED, None, stored.key, stored.size, stored.etag)
    if isinstance(result, FailedFile):
        return HistoryFile(file_id, FileStatus.FAILED, result.error_code)
    return HistoryFile(file_id, FileStatus.PENDING)
