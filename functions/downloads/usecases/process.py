"""Prepare the files of one batch of messages and record their results, each exactly once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from downloads.errors import ContendedError, ObjectUnreadableError, StoreUnavailableError
from downloads.file import Delivery, FailedFile, FileResult, FileTask
from downloads.ports import Jobs, Objects, Queue
from downloads.usecases.prepare import prepare

LONGEST_WAIT_S = 900


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: a result, or None when it has to come again."""

    task: FileTask
    result: FileResult | None
    gave_up: bool = False


@dataclass(frozen=True, slots=True)
class Workshop:
    """What preparing needs: the ports, and how many attempts a file gets."""

    jobs: Jobs
    objects: Objects
    queue: Queue
    max_attempts: int


def process(tasks: Iterable[FileTask], shop: Workshop, now: datetime) -> list[Delivery]:
    """Prepares a batch; answers with the deliveries that the queue must not delete.

    Those are the files to try again, and those given up: their result is recorded, and the queue's
    own count moves them on to the dead-letter queue.
    """
    by_job: dict[str, list[FileTask]] = defaultdict(list)
    for task in tasks:
        by_job[task.job_id].append(task)
    return [kept for job_id, batch in by_job.items() for kept in _process_job(job_id, batch, shop, now)]


def _process_job(job_id: str, tasks: list[FileTask], shop: Workshop, now: datetime) -> list[Delivery]:
    job = shop.jobs.get(job_id)
    if job is None or job.status.terminal:
        return []
    job = shop.jobs.begin(job, now)
    outcomes = _prepare_all(tasks, shop, now)
    results = [outcome.result for outcome in outcomes if outcome.result]
    try:
        shop.jobs.record(job, results, now)
    except ContendedError:
        return _keep((task.delivery for task in tasks), shop)
    unfinished = [outcome.task for outcome in outcomes if not outcome.result or outcome.gave_up]
    return _keep((task.delivery for task in unfinished), shop)


def _prepare_all(tasks: Sequence[FileTask], shop: Workshop, now: datetime) -> list[Outcome]:
    with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
        return list(pool.map(lambda task: _prepare(task, shop, now), tasks))


def _prepare(task: FileTask, shop: Workshop, now: datetime) -> Outcome:
    try:
        return Outcome(task, prepare(task.file_id, shop.objects, now))
    except ObjectUnreadableError as error:
        return Outcome(task, FailedFile(task.file_id, error.code))
    except StoreUnavailableError as error:
        if task.delivery.attempt < shop.max_attempts:
            return Outcome(task, None)
        return Outcome(task, FailedFile(task.file_id, error.code), gave_up=True)


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
        shop.queue.hide(delivery, 0 if last else min(2**delivery.attempt, LONGEST_WAIT_S))
    return kept
