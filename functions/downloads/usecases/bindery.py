"""What runs that bundle have in common: their ports, where they are, and what they tell the job of it."""

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime, timedelta

from downloads.bundle import Bundle, BundleError, Sizes
from downloads.bundle_ports import Archives, Checkpoint, Checkpoints, Files
from downloads.bundle_queue_ports import BundleQueue
from downloads.errors import BundleFailedError, ContendedError, DownloadError
from downloads.model import Job
from downloads.ports import Jobs, Objects, OnFault, unheard

MOST_SWAPS = 8


class NotBundlingError(DownloadError):
    """The job was cancelled, or has ended: nobody wants its bundle any more."""


class OutOfTimeError(DownloadError):
    """The run is nearly over: another goes on."""


@dataclass(frozen=True, slots=True)
class Bindery:
    """What bundling needs. ``holder`` names this run; ``time_left`` says whether one more part fits into it;
    ``pool`` uploads a part while the next is read; the job hears of progress at most each ``every``.
    ``on_part`` is told the bytes of each part that was noted.
    """

    jobs: Jobs
    objects: Objects
    files: Files
    archives: Archives
    checkpoints: Checkpoints
    queue: BundleQueue
    sizes: Sizes
    holder: str
    clock: Callable[[], datetime]
    time_left: Callable[[], bool]
    pool: Executor
    every: timedelta = timedelta(seconds=5)
    on_fault: OnFault = unheard
    on_job: Callable[[Job], None] = unheard
    on_part: Callable[[int], None] = unheard


@dataclass(slots=True)
class Progress:
    """Where a run is; ``told_at`` is when the job last heard of it, ``moved`` whether a part was written."""

    job: Job
    checkpoint: Checkpoint
    told_at: datetime
    moved: bool = False


def look(progress: Progress, shop: Bindery) -> Bundle:
    """The bundle as the job has it now.

    Raises NotBundlingError or BundleFailedError when there is no sense in going on.
    """
    job = shop.jobs.get(progress.job.job_id)
    if job is None or job.round != progress.job.round or not job.bundling or job.bundle is None:
        raise NotBundlingError
    progress.job = job
    if job.overdue(shop.clock()):
        raise BundleFailedError(BundleError.DEADLINE_EXCEEDED)
    return job.bundle


def change(progress: Progress, shop: Bindery, changed: Callable[[Bundle], Bundle]) -> None:
    """Changes the job's bundle, and ends the job when that ends it.

    Raises as ``look`` does, or ContendedError.
    """
    for _ in range(MOST_SWAPS):
        after = progress.job.bundled(changed(look(progress, shop)), shop.clock())
        try:
            shop.jobs.swap(progress.job, after)
        except ContendedError:
            continue
        progress.job, progress.told_at = after, shop.clock()
        return
    raise ContendedError(progress.job.job_id)


def pause(progress: Progress, shop: Bindery) -> None:
    """Between two parts: is it still wanted, does the job want to hear of it, is there time for more?

    Raises as ``change`` does, or OutOfTimeError.
    """
    if shop.clock() - progress.told_at >= shop.every:
        change(progress, shop, lambda bundle: bundle.at(progress.checkpoint.written))
    else:
        look(progress, shop)
    if not shop.time_left():
        raise OutOfTimeError


def save(progress: Progress, checkpoint: Checkpoint, shop: Bindery) -> None:
    """Notes how far it is. Raises LeaseLostError or StateUnavailableError."""
    shop.checkpoints.save(checkpoint, shop.clock())
    progress.checkpoint = checkpoint
