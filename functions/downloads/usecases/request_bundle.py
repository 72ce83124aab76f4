"""A job's bundle is due, or was given up: queue the message that has it made, or cleared away."""

from downloads.bundle_queue_ports import BundleQueue, BundleTask
from downloads.model import Job


def request_bundle(job: Job, queue: BundleQueue) -> bool:
    """Queues a message where the job as it changed asks for one; answers whether it did.

    One that is lost costs time alone: the sweeper asks again for what is due, and the bucket's own lifecycle
    rules remove what was given up. Raises BundleUnsentError.
    """
    if not (job.bundle_due or (job.status.terminal and job.bundle_given_up)):
        return False
    queue.send(BundleTask.of(job))
    return True
