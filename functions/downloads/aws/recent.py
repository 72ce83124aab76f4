"""Jobs as they stood a moment ago, for a worker that has batch after batch of one job."""

from collections.abc import Callable
from time import monotonic

from downloads.model import Job, JobStatus

LONGEST_S = 1.0
# Files of one job that are recorded in a second, about the most by the model of docs/benchmarks.md.
FASTEST = 1_600


class Recent:
    """Reads jobs, and remembers those that are at work: nothing else bears being old.

    For a second at most, and as a rule not for as long as what remains could take, so that whoever records
    the last result sees that it is the last. Who does not leaves the end to the stream's function.
    """

    def __init__(self, read: Callable[[str], Job | None]) -> None:
        self._read = read
        self._known: dict[str, tuple[float, Job]] = {}

    def of(self, job_id: str, round_: int) -> Job | None:
        """Of another round than was asked for a job is read anew: it was retried meanwhile."""
        now = monotonic()
        self._known = {known: one for known, one in self._known.items() if now < one[0]}
        _, job = self._known.get(job_id, (now, None))
        if job and job.round == round_:
            return job
        job = self._read(job_id)
        if job and job.status is JobStatus.PROCESSING:
            self._known[job_id] = now + min(LONGEST_S, job.remaining / FASTEST), job
        return job
