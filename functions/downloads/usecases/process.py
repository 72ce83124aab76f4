"""Prepare the files of one batch of messages and record their results, each exactly once."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from downloads.errors import ContendedError, StateUnavailableError
from downloads.file import Delivery, ErrorCode, FailedFile, FileTask, PreparedFile
from downloads.model import Job
from downloads.ports import Jobs, Queue
from downloads.spans import Attributes
from downloads.trace import trace_of
from downloads.usecases.attempt import Outcome, Workshop, attempt_all
from downloads.usecases.backoff import backoff_s


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
    outcomes |= attempt_all(
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
    again = attempt_all(joined, shop, now)
    ready = {task: one for task, one in again.items() if isinstance(one.result, PreparedFile)}
    shop.jobs.record(job, [one.result for one in ready.values() if one.result], now)
    return [ready.get(one.task, one) for one in outcomes]


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
