"""A job has ended: queue the notice for its callback, at least once, always the same."""

from downloads.contracts.notices import notice_body
from downloads.file import LARGEST_FILE_ID, FailedFile
from downloads.model import Job
from downloads.notice import Notice
from downloads.notice_ports import Notices
from downloads.ports import Jobs


def notify(job_id: str, jobs: Jobs, notices: Notices) -> bool:
    """Queues the notice of the job's end if it is due; answers whether it was.

    The job stays in the sweeper's index until this is done, so that a crash or a fault in between costs
    a second message with the same webhook id, never the notice. Until then no retry can reopen the job.
    Raises NoticeUnsentError or StateUnavailableError, with the notice still due.
    """
    settled = jobs.settle(job_id)
    if settled is None or not settled.job.notice_due:
        return False
    job = settled.job
    failed = _failed_files(job, jobs)
    if failed and jobs.get(job_id) != job:
        # It was told and reopened meanwhile: what was read may be of the next round.
        return False
    body = notice_body(job, failed)
    notices.send(
        Notice(job_id, job.version, job.callback_url or "", body, owner=job.owner, origin=job.origin)
    )
    jobs.notified(job)
    return True


def _failed_files(job: Job, jobs: Jobs) -> list[FailedFile]:
    if not job.failed:
        return []
    results = jobs.results(job, 0, LARGEST_FILE_ID).values()
    return [result for result in results if isinstance(result, FailedFile)]
