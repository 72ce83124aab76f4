"""The delivery log of a job's webhook."""

from collections.abc import Sequence

from downloads.notice import Attempt
from downloads.notice_ports import Deliveries
from downloads.ports import Jobs
from downloads.usecases.read import load_job


def delivery_log(job_id: str, owner: str, jobs: Jobs, deliveries: Deliveries) -> Sequence[Attempt]:
    """Every attempt so far; attempts go on for three days, and so outlive their job.

    Raises JobNotFoundError when there is neither such a job of the owner nor an attempt.
    """
    found = [attempt for attempt in deliveries.of(job_id) if attempt.owner == owner]
    if not found:
        load_job(job_id, owner, jobs)
    return found
