"""Attempts at files: each look at the store ends in a result, or has its message come again."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from downloads.cold import Asked, Restore, RestoreRule
from downloads.errors import (
    ArchivedError,
    ObjectUnreadableError,
    StateUnavailableError,
    StoreUnavailableError,
)
from downloads.file import ErrorCode, FailedFile, FileResult, FileTask, PreparedFile, RestoringFile
from downloads.model import Job
from downloads.ports import Objects, OnFault, Queue, RecordingJobs, unheard
from downloads.spans import UNTRACED, Attributes, Spans
from downloads.trace import trace_of
from downloads.usecases.prepare import prepare
from downloads.usecases.restore import ends_early, lasting, restore

NO_RESTORES = RestoreRule()
# Files of one batch that are looked at side by side.
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: a result, or none and the reason why it has to come again.

    What ``waits`` for its restore has no result either, but its message has done its work; so has that of
    what is ``called_off``, because its job goes on no more.
    ``restore`` is what the store was asked for and answered.
    """

    task: FileTask
    result: FileResult | None
    gave_up: bool = False
    reason: ErrorCode | None = None
    waits: RestoringFile | None = None
    restore: Restore | None = None
    called_off: bool = False

    @property
    def unfinished(self) -> bool:
        done = self.result is not None or self.waits is not None or self.called_off
        return self.gave_up or not done

    @property
    def joined(self) -> bool:
        """Whether it waits for a restore that somebody else began."""
        begun = self.restore is not None and self.restore.asked is Asked.BEGUN
        return self.waits is not None and not begun


@dataclass(frozen=True, slots=True)
class Workshop:
    """What preparing needs: the ports, how many attempts a file gets, and who is told of what happens."""

    jobs: RecordingJobs
    objects: Objects
    queue: Queue
    max_attempts: int
    on_fault: OnFault = unheard
    on_outcome: Callable[[Outcome], None] = unheard
    spans: Spans = UNTRACED
    restores: RestoreRule = NO_RESTORES


def attempt_all(
    tasks: Sequence[tuple[Job, FileTask]], shop: Workshop, now: datetime
) -> dict[FileTask, Outcome]:
    """All files of the batch at once, so that a store that hangs costs its timeout once."""
    outcomes = _pool().map(lambda one: _prepare(one[0], one[1], shop, now), tasks)
    return {outcome.task: outcome for outcome in outcomes}


@cache
def _pool() -> ThreadPoolExecutor:
    """Kept between batches, with as many threads as the largest had files: to begin one costs as much as a
    tenth of a look.
    """
    return ThreadPoolExecutor(max_workers=MOST_AT_ONCE)


def _prepare(job: Job, task: FileTask, shop: Workshop, now: datetime) -> Outcome:
    told: Attributes = {"job.id": task.job_id, "file.id": task.file_id, "download.type": "async"}
    try:
        with shop.spans.span("process_download", told, parent=trace_of(task.origin)):
            return _looked_at(job, task, shop, now)
    except ObjectUnreadableError as error:
        return Outcome(task, FailedFile(task.file_id, error.code))
    except StateUnavailableError as error:
        shop.on_fault(task.job_id, error)
        return Outcome(task, None)
    except StoreUnavailableError as error:
        shop.on_fault(task.job_id, error)
        if task.delivery.attempt < shop.max_attempts:
            return Outcome(task, None, reason=error.code)
        return Outcome(task, FailedFile(task.file_id, error.code), gave_up=True)


def _looked_at(job: Job, task: FileTask, shop: Workshop, now: datetime) -> Outcome:
    try:
        file = prepare(task.file_id, shop.objects, shop.spans)
    except ArchivedError as found:
        rule = shop.restores
        if rule.tier and not found.stored.restoring and _over(job, shop):
            return Outcome(task, None, called_off=True)
        waits, asked = restore(
            task.file_id, found.stored, shop.objects, rule, job.last_call(rule), now, shop.spans
        )
        return Outcome(task, None, waits=waits, restore=asked)
    if ends_early(file, shop.restores, now) and _over(job, shop):
        return Outcome(task, None, called_off=True)
    return _kept_for_its_job(task, file, shop, now)


def _over(job: Job, shop: Workshop) -> bool:
    """Read anew: what is known of the job may be a second old, and a restore costs money."""
    now = shop.jobs.get(job.job_id)
    return now is None or now.status.terminal or now.round != job.round


def _kept_for_its_job(task: FileTask, file: PreparedFile, shop: Workshop, now: datetime) -> Outcome:
    try:
        kept, asked = lasting(file, shop.objects, shop.restores, now)
    except (ObjectUnreadableError, StoreUnavailableError) as error:
        # It can be read until its copy ends, and readers know when that is.
        shop.on_fault(task.job_id, error)
        return Outcome(task, file)
    if isinstance(kept, RestoringFile):
        return Outcome(task, None, waits=kept, restore=asked)
    return Outcome(task, kept, restore=asked)
