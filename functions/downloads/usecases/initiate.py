"""Accept a job: write it down, then send its files to be prepared."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from downloads.allowance import Allowances
from downloads.bundle import BundleFormat, wanted
from downloads.callback import Guard
from downloads.caller import Caller
from downloads.claim import Claim
from downloads.entitlements import Entitlements
from downloads.errors import BundlesOffError, ClaimTakenError, ContendedError, KeyReusedError
from downloads.file import Priority
from downloads.limits import Limits, Schedule
from downloads.model import Job, OnError
from downloads.ports import Jobs, Queue, RecordingJobs
from downloads.trace import Origin
from downloads.usecases.dispatch import Accepted, dispatch
from downloads.usecases.read import load_job

KEY_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller asks for; ``key`` is the idempotency key, if one was given; ``origin`` the request."""

    file_ids: Sequence[int]
    caller: Caller
    priority: Priority = Priority.NORMAL
    callback_url: str | None = None
    on_error: OnError = OnError.CONTINUE
    key: str | None = None
    origin: Origin | None = None
    bundle: BundleFormat | None = None

    def fingerprint(self) -> str:
        """A digest by which the same request is known again."""
        parts = sorted(set(self.file_ids)), self.priority, self.callback_url, self.on_error
        # Only where it is asked for, so that keys from before there were bundles lead on.
        bundle = (self.bundle,) if self.bundle else ()
        return sha256(json.dumps(parts + bundle).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Intake:
    """What accepting needs."""

    jobs: RecordingJobs
    queue: Queue
    allowances: Allowances
    entitlements: Entitlements
    limits: Limits
    schedule: Schedule
    guard: Guard
    bundles: bool = True


def initiate(order: Order, intake: Intake, now: datetime) -> Accepted:
    """Accepts a job, or finds the one that the same idempotency key made, which costs the caller nothing.

    The job is written before its first message leaves, so that no message can arrive before it.
    Raises, with nothing written: RefusedFilesError when ids or their number break the limits,
    BundlesOffError when the stage makes no bundles, RefusedCallbackError when the callback URL cannot be
    one, KeyReusedError when the key made another request's job, ContendedError while a twin or many others
    are at it, RateLimitedError, TooManyOpenJobsError.
    """
    file_ids = sorted(set(order.file_ids))
    intake.limits.check(file_ids)
    if order.bundle and not intake.bundles:
        raise BundlesOffError
    if order.callback_url:
        intake.guard.check(order.callback_url)
    if order.key and (claim := intake.jobs.claimed(order.caller.owner, order.key, now)):
        return _replay(order, claim, intake.jobs)
    intake.allowances.take(order.caller.account, now)
    return _accept(order, file_ids, intake, now)


def _accept(order: Order, file_ids: Sequence[int], intake: Intake, now: datetime) -> Accepted:
    job = _new_job(order, len(file_ids), intake.schedule, now)
    claim = _claim(order, job, now) if order.key else None
    withheld = intake.entitlements.withheld(order.caller, file_ids)
    account = order.caller.account
    intake.allowances.reserve(account, job, now)
    try:
        intake.jobs.create(job, file_ids, claim, withheld)
    except ClaimTakenError as taken:
        intake.allowances.release(account, job)
        return _replay(order, taken.claim, intake.jobs)
    except ContendedError:
        intake.allowances.release(account, job)
        raise
    return dispatch(job, file_ids, withheld, intake.jobs, intake.queue, now)


def _new_job(order: Order, total: int, schedule: Schedule, now: datetime) -> Job:
    return Job(
        job_id=str(uuid4()),
        owner=order.caller.owner,
        priority=order.priority,
        total=total,
        created_at=now,
        expires_at=now + schedule.ttl,
        callback_url=order.callback_url,
        on_error=order.on_error,
        deadline_at=now + schedule.deadline,
        check_at=now + schedule.grace,
        origin=order.origin,
        bundle=wanted(order.bundle) if order.bundle else None,
    )


def _claim(order: Order, job: Job, now: datetime) -> Claim:
    # A claim never outlives its job, so that a key always leads to one.
    expires_at = min(now + KEY_LIFE, job.expires_at)
    return Claim(order.caller.owner, order.key or "", order.fingerprint(), job.job_id, expires_at)


def _replay(order: Order, claim: Claim, jobs: Jobs) -> Accepted:
    if claim.fingerprint != order.fingerprint():
        raise KeyReusedError
    return Accepted(load_job(claim.job_id, claim.owner, jobs), replayed=True)
