"""Bundle the files of a job: one message at a time, each going on where the last checkpoint is."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum

from downloads.bundle import BundleError, prefix
from downloads.bundle_ports import Archives, Checkpoint
from downloads.bundle_queue_ports import BundleTask
from downloads.bundling.plan import digest
from downloads.bundling.volumes import Round, Volume, names_in_archive, volumes
from downloads.errors import (
    BundleFailedError,
    ContendedError,
    DownloadError,
    LeaseLostError,
    StateUnavailableError,
    StoreUnavailableError,
)
from downloads.file import LARGEST_FILE_ID, file_name
from downloads.model import Job
from downloads.usecases.bindery import Bindery, NotBundlingError, OutOfTimeError, Progress, change, save
from downloads.usecases.bundle_write import afresh, write

PASSING = (StoreUnavailableError, StateUnavailableError, ContendedError)


class Bundled(StrEnum):
    """What became of a message; only of ``again`` it has to be kept. ``left`` is to the sweeper."""

    COMPLETED = "completed"
    FAILED = "failed"
    CONTINUED = "continued"
    CLEARED = "cleared"
    BUSY = "busy"
    NOTHING = "nothing"
    LEFT = "left"
    AGAIN = "again"


def bundle(task: BundleTask, shop: Bindery, *, last_try: bool) -> Bundled:
    """Makes a round's archives, or as much of them as there is time for; the next message goes on.

    A message that comes twice, late or after a crash does no harm: the job says what is to be done, and the
    lease who does it. ``last_try`` says that the message will not come again: then a store that cannot be
    reached fails the bundle. Raises BundleUnsentError or StateUnavailableError: it has to come again.
    """
    job = shop.jobs.get(task.job_id)
    if job:
        shop.on_job(job)
    if job is None or job.round != task.round or not job.bundling:
        return _clear(task, job, shop)
    fresh = Checkpoint(job.job_id, job.round, shop.sizes, job.expires_at, shop.holder)
    held = shop.checkpoints.take(fresh, shop.clock())
    if held is None:
        return Bundled.BUSY
    return _hold(task, Progress(job, held, shop.clock()), shop, last_try)


def _hold(task: BundleTask, progress: Progress, shop: Bindery, last_try: bool) -> Bundled:
    try:
        return _bundle(progress, shop)
    except OutOfTimeError:
        return _go_on(task, progress, shop)
    except NotBundlingError:
        return _clear(task, shop.jobs.get(task.job_id), shop)
    except LeaseLostError:
        return _leave(task, shop)
    except BundleFailedError as error:
        return _fail(task, error.code, shop)
    except PASSING as error:
        shop.on_fault(task.job_id, error)
        return _try_again(task, error, progress, shop, last_try)


def _bundle(progress: Progress, shop: Bindery) -> Bundled:
    if progress.job.overdue(shop.clock()):
        raise BundleFailedError(BundleError.DEADLINE_EXCEEDED)
    planned = volumes(_round(progress.job, shop), progress.checkpoint.sizes.archive)
    if not planned:
        raise BundleFailedError(BundleError.TOO_LARGE)
    _begin(planned, progress, shop)
    for volume in planned[len(progress.checkpoint.finished) :]:
        write(volume, progress, shop)
    if not (bundled := sum(archive.files for archive in progress.checkpoint.finished)):
        raise BundleFailedError(BundleError.FILE_CHANGED)
    shop.archives.abort(prefix(progress.job.job_id, progress.job.round))
    size, left_out = progress.checkpoint.written, progress.job.completed - bundled
    change(progress, shop, lambda bundle: bundle.completed(size, left_out))
    return Bundled.COMPLETED


def _begin(planned: Sequence[Volume], progress: Progress, shop: Bindery) -> None:
    """Tells the job how much there is to be written, the first time and whenever the plan has changed.

    What was written by another plan would not fit together with what follows: it is written anew. Only its
    upload is ended here; archives are replaced, or expire with the job: a run that lost its lease right now
    could not delete them without touching those of the run that has it.
    """
    known, plan = progress.checkpoint, digest(planned)
    if known.plan == plan and not progress.job.bundle_due:
        return
    if known.plan != plan:
        save(progress, replace(afresh(known), finished=(), plan=plan, volumes=len(planned)), shop)
        if known.key and known.upload_id:
            shop.archives.end(known.key, known.upload_id)
    total = sum(volume.size for volume in planned)
    change(progress, shop, lambda bundle: bundle.begun(total, shop.clock()))


def _round(job: Job, shop: Bindery) -> Round:
    """What there is to be bundled. Raises BundleFailedError when a file's result is lost."""
    ids = shop.jobs.file_ids(job.job_id)
    results = shop.jobs.results(job, 0, LARGEST_FILE_ID)
    if not results.keys() >= set(ids):
        raise BundleFailedError(BundleError.RESULTS_LOST)
    names = names_in_archive({each: file_name(shop.objects.key(each)) for each in ids})
    return Round(job.job_id, job.round, job.created_at, names, results)


def _go_on(task: BundleTask, progress: Progress, shop: Bindery) -> Bundled:
    """In another run: the lease goes first, so that it finds it free."""
    shop.checkpoints.release(progress.checkpoint)
    shop.queue.send(task)
    return Bundled.CONTINUED


def _try_again(
    task: BundleTask, error: DownloadError, progress: Progress, shop: Bindery, last_try: bool
) -> Bundled:
    """A run that got on begins to count anew: large bundles meet many passing faults.

    A table that cannot be reached at the last try could not be told of a failure: the sweeper goes on.
    """
    if progress.moved:
        return _go_on(task, progress, shop)
    if last_try and isinstance(error, StoreUnavailableError):
        return _fail(task, BundleError.STORAGE_UNAVAILABLE, shop)
    # The lease ends by itself, too.
    with suppress(StateUnavailableError):
        shop.checkpoints.release(progress.checkpoint)
    return Bundled.LEFT if last_try else Bundled.AGAIN


def _fail(task: BundleTask, code: BundleError, shop: Bindery) -> Bundled:
    """Ends the job without a bundle. What lies around is cleared away after that, so that a crash between
    the two has the next message do it.
    """
    job = shop.jobs.get(task.job_id)
    if job is None or job.bundle is None or not job.bundling or job.round != task.round:
        return _clear(task, job, shop)
    ended = job.bundled(job.bundle.failed(code), shop.clock())
    try:
        shop.jobs.swap(job, ended)
    except ContendedError:
        return Bundled.AGAIN
    cleared = _clear(task, ended, shop)
    return cleared if cleared is Bundled.AGAIN else Bundled.FAILED


def _leave(task: BundleTask, shop: Bindery) -> Bundled:
    """To the run that has the lease; if that is through, an upload that this one began is left over."""
    job = shop.jobs.get(task.job_id)
    return Bundled.BUSY if job and job.bundling else _clear(task, job, shop)


def _clear(task: BundleTask, job: Job | None, shop: Bindery) -> Bundled:
    """Removes what is left of a round: unfinished uploads, and the archives of a bundle that was given up.

    Of a job that is gone, those of all rounds. Archives of an earlier round that was bundled may still be
    fetched by links that were handed out.
    """
    stands = shop.checkpoints.standing(task.job_id, task.round)
    below = prefix(task.job_id, task.round if job else None)
    try:
        _end_uploads(below, stands, shop.archives)
        if given_up := _given_up(task, job, stands):
            shop.archives.delete(below)
    except StoreUnavailableError as error:
        shop.on_fault(task.job_id, error)
        return Bundled.AGAIN
    return Bundled.CLEARED if given_up else Bundled.NOTHING


def _given_up(task: BundleTask, job: Job | None, stands: Checkpoint | None) -> bool:
    """Whether nobody can have a link to the round's archives, or wants one any more."""
    if job is None or job.round == task.round:
        return job is None or job.bundle_given_up
    return stands is not None and not stands.complete


def _end_uploads(below: str, stands: Checkpoint | None, archives: Archives) -> None:
    """What is known by its key comes first: some servers, like MinIO, list uploads of exact keys only."""
    if stands and stands.key:
        if stands.upload_id:
            archives.end(stands.key, stands.upload_id)
        archives.abort(stands.key)
    archives.abort(below)
