"""Dead letters: mark their files failed, so that their jobs end, and park the messages for a redrive."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from downloads.errors import ContendedError, StateUnavailableError
from downloads.file import Delivery, ErrorCode, FailedFile, FileTask
from downloads.ports import Jobs


def bury(tasks: Iterable[FileTask], jobs: Jobs, now: datetime) -> list[Delivery]:
    """Fails the files that have no result yet; answers with the deliveries to come again.

    A file that failed with a better reason keeps it.
    """
    by_job: dict[tuple[str, int], list[FileTask]] = defaultdict(list)
    for task in tasks:
        by_job[task.job_id, task.round].append(task)
    return [
        task.delivery
        for (job_id, round_), batch in by_job.items()
        if not _bury_job(job_id, round_, batch, jobs, now)
        for task in batch
    ]


def _bury_job(job_id: str, round_: int, tasks: list[FileTask], jobs: Jobs, now: datetime) -> bool:
    try:
        job = jobs.get(job_id)
        if job and job.round == round_ and not job.status.terminal:
            results = [FailedFile(task.file_id, ErrorCode.ATTEMPTS_EXHAUSTED) for task in tasks]
            jobs.record(job, results, now)
    except (ContendedError, StateUnavailableError):
        return False
    return True
