"""Prepare the files of one batch of messages and record their results, each exactly once."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from downloads.errors import (
    ContendedError,
    ObjectUnreadableError,
    StateUnavailableError,
    StoreUnavailableError,
)
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
    by_job: dict[tuple[str, int], list[FileTask]] = defaultdict(list)
    for task in tasks:
        by_job[task.job_id, task.round].append(task)
    return [kept for batch in by_job.values() for kept in _process_job(batch, shop, now)]


def _process_job(tasks: list[FileTask], shop: Workshop, now: datetime) -> list[Delivery]:
    try:
        unfinished = _prepare_and_record(tasks, shop, now)
    except (ContendedError, StateUnavailableError):
        unfinished = tasks
    return _keep((task.delivery for task in unfinished), shop)


def _prepare_and_record(tasks: list[FileTask], shop: Workshop, now: datetime) -> list[FileTask]:
    """The tasks to keep. A message of an earlier round has nothing to say any more."""
    job = shop.jobs.get(tasks[0].job_id)
    if job is None or job.status.terminal or job.round != tasks[0].round:
        return []
    job = shop.jobs.begin(job, now)
    outcomes = _prepare_all(tasks, shop, now)
    shop.jobs.record(job, [outcome.result for outcome in outcomes if outcome.result], now)
    return [outcome.task for outcome in outcomes if not outcome.result or outcome.gave_up]


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
