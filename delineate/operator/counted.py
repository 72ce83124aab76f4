"""A job's counts as they stand: those that its item has from the last writing, and its round's tallies."""

from collections.abc import Iterable
from dataclasses import replace

from delineate.operator.items import Item, Job, number

TALLY = "TALLY#"
COUNTED_FIELDS = ("SK", "completed", "failed", "batches", "kept", "round")


def counted(job: Job, item: Item, beside: Iterable[Item]) -> Job:
    """The open job with all that is counted ``beside`` its ``item``; each batch is a version.

    That it has ended is the service's to write down: until then it is shown as open.
    """
    own = [tally for tally in beside if tally["SK"]["S"].startswith(f"{TALLY}{job.round:04d}#")]
    ready, failed, batches = (
        sum(number(tally, name) or 0 for tally in own) for name in ("completed", "failed", "batches")
    )
    new = batches - (number(item, "batches") or 0)
    if not job.open or new <= 0:
        return job
    completed = (number(item, "kept") or 0) + ready
    return replace(job, status="processing", completed=completed, failed=failed, version=job.version + new)
