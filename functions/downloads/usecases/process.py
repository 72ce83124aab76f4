"""Prepare the files of one batch of messages and record their results, each exactly once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from downloads.cold import Asked, Restore, RestoreRule
from downloads.errors import (
    ArchivedError,
    ContendedError,
    ObjectUnreadableError,
    StateUnavailableError,
    StoreUnavailableError,
)
from downloads.file import (
    Delivery,
    ErrorCode,
    FailedFile,
    FileResult,
    FileTask,
    PreparedFile,
    RestoringFile,
)
from downloads.model import Job
from downloads.ports import Jobs, Objects, OnFault, Queue, RecordingJobs, unheard
from downloads.spans import UNTRACED, Attributes, Spans
from downloads.trace import trace_of
from downloads.usecases.backoff import backoff_s
from downloads.usecases.prepare import prepare
from downloads.usecases.restore import lasting, restore

NO_RESTORES = RestoreRule()
# Files of one batch that are looked at side by side.
MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: a result, or none and the reason why it has to come again.

    What ``waits`` for its restore has no result either, but its message has done its work.
    ``restore`` is what the store was asked for and answered.
    """

    task: FileTask
    result: FileResult | None
    gave_up: bool = False
    reason: ErrorCode | None = None
    waits: RestoringFile | None = None
    restore: Restore | None = None

    @property
    def unfinished(self) -> bool:
        return self.gave_up or (self.result is None and self.waits is None)

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


def process(tasks: Iterable[FileTask], shop: Workshop, now: datetime) -> list[Delivery]:
    """Prepares a batch; answers with the deliveries that the queue must not delete.

    Those are the files to try again, those given up, whose result is recorded, and those that are none
    of their job's: the queue's own count moves them on to the dead-letter queue.
    """
    batches: dict[tuple[str, int], list[FileTask]] = defaultdict(list)
    for task in tasks:
        batches[task.job_id, task.round].append(task)
    begun, unfinished, strangers = _begin_all(list(batches.values()), shop, now)
    outcomes = _withheld(begun, shop.jobs)
    outcomes |= _prepare_all(
        [(job, task) for job, batch in begun for task in batch if task not in outcomes], shop, now
    )
    for job, batch in begun:
        unfinished += _record(job, [outcomes[task] for task in batch], shop, now)
    return _keep((task.delivery for task in unfinished), shop) + reject(strangers, shop.queue)


def _begin_all(
    batches: list[list[FileTask]], shop: Workshop, now: datetime
) -> tuple[list[tuple[Job, list[FileTask]]], list[FileTask], list[Delivery]]:
    """The jobs to work for with their tasks, the tasks whose job cannot be read now, and the strangers."""
    begun: list[tuple[Job, list[FileTask]]] = []
    unreadable: list[FileTask] = []
    strangers: list[Delivery] = []
    for batch in batches:
        try:
            job, own = _begin(batch, shop, now)
        except (ContendedError, StateUnavailableError) as error:
            shop.on_fault(batch[0].job_id, error)
            unreadable += batch
            continue
        if job:
            strangers += [task.delivery for task in batch if task not in own]
            # A message of an earlier round, or of a job that has ended, has nothing to say any more.
            if not job.status.terminal and job.round == batch[0].round:
                begun.append((job, own))
    return begun, unreadable, strangers


def _begin(batch: list[FileTask], shop: Workshop, now: datetime) -> tuple[Job | None, list[FileTask]]:
    """The job, begun if it has to do with the batch, and the tasks that name a file of it."""
    job = shop.jobs.lately(batch[0].job_id, batch[0].round)
    file_ids = set(shop.jobs.file_ids(job.job_id)) if job else set()
    own = [task for task in batch if task.file_id in file_ids]
    if job and own and job.round == batch[0].round:
        job = shop.jobs.begin(job, now)
    return job, own


def _withheld(begun: Iterable[tuple[Job, list[FileTask]]], jobs: Jobs) -> dict[FileTask, Outcome]:
    """What the owner may not have, however its message got into the queue: never looked at in the store."""
    outcomes: dict[FileTask, Outcome] = {}
    for job, batch in begun:
        withheld = jobs.withheld(job.job_id)
        barred = [task for task in batch if task.file_id in withheld]
        outcomes |= {task: Outcome(task, FailedFile(task.file_id, ErrorCode.FORBIDDEN)) for task in barred}
    return outcomes


def _record(job: Job, outcomes: list[Outcome], shop: Workshop, now: datetime) -> list[FileTask]:
    """Records what there is; answers with the tasks to keep."""
    results = [outcome.result for outcome in outcomes if outcome.result]
    told: Attributes = {"job.id": job.job_id, "files": len(results)}
    try:
        with shop.spans.span("record_results", told, parent=trace_of(job.origin)):
            shop.jobs.record(job, results, now)
            if waiting := [outcome.waits for outcome in outcomes if outcome.waits]:
                noted = shop.jobs.wait(job, waiting, shop.restores, now)
                outcomes = _looked_again(job, outcomes, noted, shop, now)
    except (ContendedError, StateUnavailableError) as error:
        shop.on_fault(job.job_id, error)
        return [outcome.task for outcome in outcomes]
    for outcome in outcomes:
        shop.on_outcome(outcome)
    return [outcome.task for outcome in outcomes if outcome.unfinished]


def _looked_again(
    job: Job, outcomes: list[Outcome], noted: Collection[int], shop: Workshop, now: datetime
) -> list[Outcome]:
    """The outcomes, with what became ready as it was noted to wait.

    The end of a restore that was joined may have been told just before it was known who waits for it.
    """
    joined = [(job, one.task) for one in outcomes if one.joined and one.task.file_id in noted]
    again = _prepare_all(joined, shop, now)
    ready = {task: one for task, one in again.items() if isinstance(one.result, PreparedFile)}
    shop.jobs.record(job, [one.result for one in ready.values() if one.result], now)
    return [ready.get(one.task, one) for one in outcomes]


def _prepare_all(
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
        waits, asked = restore(
            task.file_id, found.stored, shop.objects, rule, job.last_call(rule), now, shop.spans
        )
        return Outcome(task, None, waits=waits, restore=asked)
    return _kept_for_its_job(task, file, shop, now)


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


def reject(deliveries: Iterable[Delivery], queue: Queue) -> list[Delivery]:
    """Sends what cannot be read on its way to the dead-letter queue: waiting would not help it."""
    kept = list(deliveries)
    for delivery in kept:
        queue.hide(delivery, 0)
    return kept


def _keep(deliveries: Iterable[Delivery], shop: Workshop) -> list[Delivery]:
    """Leaves deliveries in the queue: they come again, ever later, until the attempts are used up."""
    kept = list(deliveries)
    for delivery in kept:
        last = delivery.attempt >= shop.max_attempts
        shop.queue.hide(delivery, 0 if last else backoff_s(delivery.attempt))
    return kept
