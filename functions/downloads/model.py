"""What a download job is: its states, its counters, and what may follow what. Standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from downloads import bundle as bundles
from downloads.bundle import BUNDLE_TIME, Bundle, BundleError, BundleStatus
from downloads.caller import Session
from downloads.cold import RestoreRule
from downloads.file import FileResult, PreparedFile, Priority
from downloads.tallied import Tallied
from downloads.trace import Origin


class JobStatus(StrEnum):
    """The states of a job; the last three are terminal: nothing but a retry follows them."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        return self not in OPEN_STATUSES


OPEN_STATUSES = (JobStatus.QUEUED, JobStatus.PROCESSING)
# How long the stream has to queue the notice of a job's end before the sweeper does it.
NOTICE_GRACE = timedelta(minutes=2)
# What the sweeper may be late, and the notice of the end after it.
LAST_CALL = timedelta(minutes=30)


class OnError(StrEnum):
    """What a failed file means for its job: nothing until all have a result, or the end at once."""

    CONTINUE = "continue"
    FAIL_FAST = "fail_fast"


@dataclass(frozen=True, slots=True)
class Spread:
    """Over how many partitions of the store a job's files lie, and in how many tallies they are counted."""

    partitions: int
    tallies: int


@dataclass(frozen=True, slots=True)
class Job:
    """A download job. ``version`` grows by one with every change; ``completed + failed <= total`` always.

    ``round`` counts its attempts as a whole: a retry opens the next, and what belongs to an earlier one
    changes nothing any more. It began at ``started_at``, with ``kept`` files ready; ``batches`` of results
    are counted in it. ``check_at`` is when the sweeper should look at it: an ended job has none, unless the
    notice of its end is still to be queued. ``seen_version`` and ``sweeps`` are the sweeper's: how it last
    found the job. ``origin`` is the request that began the round. ``restored_by`` is when the last file of
    the round that waits for its restore should be ready. With a ``bundle`` the job goes on after its last
    file, until the bundle has ended. ``spread`` is how another build stored the job, where that differs.
    """

    job_id: str
    owner: str
    priority: Priority
    total: int
    created_at: datetime
    expires_at: datetime
    status: JobStatus = JobStatus.QUEUED
    completed: int = 0
    failed: int = 0
    version: int = 1
    started_at: datetime | None = None
    completed_at: datetime | None = None
    callback_url: str | None = None
    on_error: OnError = OnError.CONTINUE
    round: int = 1
    deadline_at: datetime | None = None
    check_at: datetime | None = None
    seen_version: int = 1
    sweeps: int = 0
    origin: Origin | None = None
    restored_by: datetime | None = None
    bundle: Bundle | None = None
    kept: int = 0
    batches: int = 0
    spread: Spread | None = None

    @property
    def remaining(self) -> int:
        return self.total - self.completed - self.failed

    @property
    def notice_due(self) -> bool:
        """Whether the job has ended and the notice of that is still to be queued."""
        return self.status.terminal and self.check_at is not None

    @property
    def percentage(self) -> int:
        """Files with a result, as whole percent, rounded down: 100 only when every file has one.

        With a bundle they are the first half, and its bytes the second, unless it failed: then it counts
        no more. A cancel fails the bundle too, and leaves the percentage as it was.
        """
        files = 100 * (self.completed + self.failed) // self.total
        gone = self.bundle_failed and self.status is not JobStatus.CANCELLED
        if self.bundle is None or gone:
            return files
        return (files + self.bundle.percentage) // 2

    @property
    def bundling(self) -> bool:
        """Whether all files have a result and the bundle is being made, or waits for that."""
        return (
            self.bundle is not None
            and self.bundle.status is BundleStatus.PROCESSING
            and not self.status.terminal
        )

    @property
    def bundle_due(self) -> bool:
        """Whether the bundle is to be made, and nobody has begun."""
        return self.bundle is not None and self.bundle.due and self.bundling

    @property
    def bundle_given_up(self) -> bool:
        """Whether the bundle failed after it was begun: something of it may lie in the store."""
        return self.bundle is not None and self.bundle.status is BundleStatus.FAILED and self.bundle.total > 0

    @property
    def bundle_failed(self) -> bool:
        return self.bundle is not None and self.bundle.status is BundleStatus.FAILED

    def begun(self, now: datetime) -> Self:
        """The job as its first batch starts; unchanged unless it is queued."""
        if self.status is not JobStatus.QUEUED:
            return self
        return replace(self, status=JobStatus.PROCESSING, started_at=now, version=self.version + 1)

    def counted(self, results: Sequence[FileResult], now: datetime) -> Self:
        """The job with one batch of ``results`` more, each counted for the first time."""
        ready = sum(isinstance(result, PreparedFile) for result in results)
        completed, failed = self.completed - self.kept + ready, self.failed + len(results) - ready
        return self.settled(Tallied(completed, failed, self.batches + 1, now))

    def settled(self, tallied: Tallied) -> Self:
        """The job with all that is counted beside it in its round, and ended when that is its end.

        Each batch is a version: whoever adds up what is counted gets the same job, so to read it needs no
        write. A version too is the end of a job whose tallies were closed before all files had a result.
        """
        # Fewer than were settled: a tally is gone, which takes nothing back.
        new = max(0, tallied.batches - self.batches)
        if self.status.terminal or not (new or tallied.closed):
            return self
        after = self._with_new(tallied, new) if new else self
        if after.status.terminal or not tallied.closed:
            return after
        if after.gives_up:
            return replace(after, version=after.version + 1)._ended(JobStatus.FAILED, tallied.at)
        return after.cancelled(tallied.at)

    def _with_new(self, tallied: Tallied, batches: int) -> Self:
        after = replace(
            self,
            status=JobStatus.PROCESSING,
            started_at=self.started_at or tallied.at,
            completed=self.kept + tallied.completed,
            failed=tallied.failed,
            batches=tallied.batches,
            version=self.version + batches,
        )
        if after.remaining:
            return after
        if after.gives_up or not after.completed:
            return after._ended(JobStatus.FAILED, tallied.at)
        return (
            after._bundled_next(tallied.at) if self.bundle else after._ended(JobStatus.COMPLETED, tallied.at)
        )

    @property
    def gives_up(self) -> bool:
        """Whether a failure ends the job, whatever is still to come."""
        return self.on_error is OnError.FAIL_FAST and self.failed > 0 and not self.status.terminal

    def _bundled_next(self, now: datetime) -> Self:
        """All files have a result: the bundle is due."""
        return replace(self, check_at=now + NOTICE_GRACE)._due()

    def _due(self) -> Self:
        """Until the bundler begins, the job's expiry alone bounds how long the bundle waits behind others."""
        due = self.bundle and bundles.due(self.bundle)
        return replace(self, bundle=due, deadline_at=self.expires_at - LAST_CALL)

    def bundled(self, bundle: Bundle, now: datetime) -> Self:
        """The job with its bundle so far, or ended with it: its files are ready even if the bundle is not.

        The bundle's time is counted from its begin.
        """
        last_call = self.expires_at - LAST_CALL
        deadline_at = min(bundle.begun_at + BUNDLE_TIME, last_call) if bundle.begun_at else last_call
        changed = replace(self, bundle=bundle, version=self.version + 1, deadline_at=deadline_at)
        return changed._ended(JobStatus.COMPLETED, now) if bundle.status.ended else changed

    def restoring(self, ready_at: datetime, rule: RestoreRule, now: datetime) -> Self:
        """The job as a file of it begins to wait for its restore: it and its deadline outlive that.

        In whatever round, it never outlives its results by that.
        """
        restored_by = max(ready_at, self.restored_by or ready_at)
        give_up_at = min(rule.give_up_at(restored_by, now), self.last_call(rule))
        deadline_at = max(give_up_at, self.deadline_at or give_up_at)
        expires_at = min(deadline_at + rule.ttl, self.created_at + rule.results).replace(microsecond=0)
        return replace(
            self,
            version=self.version + 1,
            restored_by=restored_by,
            deadline_at=deadline_at,
            expires_at=max(self.expires_at, expires_at),
        )

    def last_call(self, rule: RestoreRule) -> datetime:
        """Until when a restore can be waited for at the longest, to end the job before its results go."""
        return self.created_at + rule.results - LAST_CALL

    def cancelled(self, now: datetime) -> Self:
        return replace(self, version=self.version + 1)._ended(JobStatus.CANCELLED, now)

    def _ended(self, status: JobStatus, now: datetime) -> Self:
        check_at = now + NOTICE_GRACE if self.callback_url else None
        error = BundleError.JOB_ENDED if self.completed else BundleError.NOTHING_READY
        bundle = self.bundle and self.bundle.failed(error)
        return replace(self, status=status, completed_at=now, check_at=check_at, bundle=bundle)

    def reopened(
        self, now: datetime, deadline_at: datetime, check_at: datetime, origin: Origin | None = None
    ) -> Self:
        """The job in its next round: what is completed stays, the rest is to be prepared again.

        So is its bundle, at once when every file is ready.
        """
        reopened = replace(
            self,
            status=JobStatus.PROCESSING,
            failed=0,
            started_at=now,
            completed_at=None,
            version=self.version + 1,
            round=self.round + 1,
            deadline_at=deadline_at,
            check_at=check_at,
            seen_version=self.version + 1,
            sweeps=0,
            origin=origin or self.origin,
            restored_by=None,
            bundle=self.bundle and bundles.wanted(self.bundle.format),
            kept=self.completed,
            batches=0,
        )
        return reopened._due() if self.bundle and self.completed == self.total else reopened

    @property
    def moved(self) -> bool:
        """Whether anything happened since the sweeper last looked."""
        return self.version > self.seen_version

    def overdue(self, now: datetime) -> bool:
        return self.deadline_at is not None and now >= self.deadline_at


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of an owner's jobs ended: that job, and when it was created."""

    created_at: datetime
    job_id: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, newest first; ``after`` is where to go on, None at the end."""

    jobs: Sequence[Job]
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A connection that named a job as it was opened; ``tries`` counts how often it was not there yet."""

    connection_id: str
    job_id: str
    session: Session
    tries: int = 0
