"""What is done about an archived file: have it restored, and wait; or keep its copy for longer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from downloads.bundle import BUNDLE_TIME
from downloads.cold import Asked, ColdClass, Restore, RestoreRule, Tier, ready_at
from downloads.errors import ObjectUnreadableError, StateUnavailableError, StateUnreadableError
from downloads.file import ErrorCode, PreparedFile, RestoringFile, StoredObject
from downloads.ports import Jobs, Objects, OnFault, Queue, unheard
from downloads.spans import UNTRACED, Spans


def restore(  # noqa: PLR0913, PLR0917 # the file, the store, what is wanted of it, and who is told
    file_id: int,
    stored: StoredObject,
    objects: Objects,
    rule: RestoreRule,
    latest: datetime,
    now: datetime,
    spans: Spans = UNTRACED,
) -> tuple[RestoringFile, Restore | None]:
    """Has the file restored, unless it is being restored; answers with how long it waits for that.

    Raises ObjectUnreadableError (ARCHIVED where nothing is to be restored, or not before ``latest``, when its
    job must end) or StoreUnavailableError.
    """
    cold = stored.cold
    if cold is None or rule.tier is None:
        raise ObjectUnreadableError(ErrorCode.ARCHIVED)
    if stored.restoring:
        return RestoringFile(file_id, ready_at(rule.tier, cold, now)), None
    if ready_at(rule.tier, cold, now) > latest:
        # To pay for what nobody can have helps nobody: a new job has the time.
        raise ObjectUnreadableError(ErrorCode.ARCHIVED)
    with spans.span("s3_restore", {"file.id": file_id, "s3.archive": cold.value}) as span:
        answer = objects.restore(file_id, cold, rule.tier, rule.keep.days)
        span.note({"s3.tier": answer.tier.value, "s3.asked": answer.asked.value})
    return RestoringFile(file_id, ready_at(answer.tier, cold, now)), answer


def lasting(
    file: PreparedFile, objects: Objects, rule: RestoreRule, now: datetime
) -> tuple[PreparedFile | RestoringFile, Restore | None]:
    """The file with a restored copy that outlives its job, as a rule: kept for longer where it ends before.

    A copy that ended meanwhile is being made anew: then the file waits. Raises ObjectUnreadableError or
    StoreUnavailableError: then the file can be had all the same.
    """
    if rule.tier is None or not ends_early(file, rule, now):
        return file, None
    answer = objects.restore(file.file_id, None, rule.tier, rule.keep.days)
    if answer.asked is not Asked.RENEWED:
        # A file with a copy does not say which class it is of: the slowest, then.
        return RestoringFile(file.file_id, ready_at(answer.tier, ColdClass.DEEP, now)), answer
    return replace(file, stored=replace(file.stored, copy_until=now + rule.keep)), answer


def ends_early(file: PreparedFile, rule: RestoreRule, now: datetime) -> bool:
    """Whether it is a restored copy that may end before its job, and something is done about that."""
    until = file.stored.copy_until
    return until is not None and rule.tier is not None and until < needed_until(rule.tier, rule, now)


def needed_until(tier: Tier, rule: RestoreRule, now: datetime) -> datetime:
    """How long a copy must be there: the slowest restore may go on beside it, then a bundle is made, and the
    job is kept.
    """
    return rule.give_up_at(ready_at(tier, ColdClass.DEEP, now), now) + BUNDLE_TIME + rule.ttl


def finish(
    file_id: int, jobs: Jobs, queue: Queue, time_left: Callable[[], bool], on_fault: OnFault = unheard
) -> list[str]:
    """Sends a restored file into the lanes of the open jobs that wait for it; answers with those.

    It is looked at as any other: whoever tells of a restore too early, or twice, changes nothing. A job that
    was told, or has ended, is told no more; one of an unknown shape is reported and passed over.
    Raises StateUnavailableError when others are still to be told.
    """
    told: list[str] = []
    for job_id in jobs.waiting_for(file_id):
        if not time_left():
            raise StateUnavailableError(job_id)
        try:
            job = jobs.get(job_id)
        except StateUnreadableError as error:
            # No other attempt will read it, and the others can be told.
            on_fault(job_id, error)
            continue
        if job and not job.status.terminal:
            if queue.send(job, [file_id]):
                raise StateUnavailableError(job_id)
            told.append(job_id)
        jobs.told(file_id, job_id)
    return told
