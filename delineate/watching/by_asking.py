"""A job's states by asking for them, now and then."""

import time
from collections.abc import Iterator

from delineate.errors import ServiceError, Unreachable
from delineate.progress import JobState
from delineate.watching.following import Following

SERVER_TROUBLE = 500


def states(job: Following) -> Iterator[JobState]:
    """States until the job is over or it is time to try the WebSocket again.

    Raises `ServiceError` (the job is unknown or has expired, for one), `Stopped`, and `Unreachable` when
    nothing could be heard for `patience.outage` seconds.
    """
    began = heard = time.monotonic()
    while not job.over and time.monotonic() - began < job.patience.rejoin:
        job.stop.check()
        try:
            yield from job.look()
            heard = time.monotonic()
        except (Unreachable, ServiceError) as fault:
            _bear(job, fault, time.monotonic() - heard)
        if not job.over:
            job.stop.pause(_pause(job))


def _pause(job: Following) -> float:
    asked = job.api.retry_after
    if asked is None:
        return job.patience.poll
    return min(max(asked, job.patience.poll_shortest), job.patience.poll_longest)


def _bear(job: Following, fault: Unreachable | ServiceError, outage: float) -> None:
    if isinstance(fault, ServiceError) and fault.status < SERVER_TROUBLE:
        raise fault
    if outage > job.patience.outage:
        raise fault
    job.tell(f"{fault} Trying again.")
