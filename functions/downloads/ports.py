"""What the use cases need from outside, in domain words. Adapters and fakes pass the same contract tests."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from downloads.changes import Settled
from downloads.claim import Claim
from downloads.cold import ColdClass, Restore, RestoreRule, Tier
from downloads.file import (
    Delivery,
    FileResult,
    FileStanding,
    Priority,
    RestoringFile,
    SignedUrl,
    StoredObject,
)
from downloads.model import Job, JobPage, Place

OnFault = Callable[[str, Exception], None]


def unheard(*_: object) -> None:
    """Tells nobody of a job's fault."""


class Jobs(Protocol):
    """The state of jobs. An expired job is gone, whether or not its item is still stored.

    Every call may raise StateUnavailableError: a passing fault, worth another attempt.
    """

    def create(
        self,
        job: Job,
        file_ids: Sequence[int],
        claim: Claim | None = None,
        withheld: Collection[int] = (),
    ) -> None:
        """Stores a new job, its file ids, those ``withheld`` from its owner, and the claim on an
        idempotency key: all or nothing.

        Raises ClaimTakenError with the claim that stands, or ContendedError when a twin is at it now.
        """

    def get(self, job_id: str) -> Job | None:
        """The job with all that is recorded of it, or None; for the service's own work, not for callers."""

    def settle(self, job_id: str, *, announced: bool = False) -> Settled | None:
        """Writes down the job as ``get`` reads it, where it is not yet; None when there is none.

        With ``announced`` the caller tells watchers of it, so that nobody else has to. Raises ContendedError
        when the job stays too busy.
        """

    def owned(self, job_id: str, owner: str) -> Job | None:
        """As ``get``, if the job is this owner's: another's is as good as none."""

    def listed(self, owner: str, limit: int, after: Place | None = None) -> JobPage:
        """The owner's jobs, newest first, from behind ``after`` on; 1 to 100 a page.

        A page may hold fewer than ``limit`` and yet not be the last; the newest may be missing for a moment.
        The jobs are as they were settled last.
        """

    def file_ids(self, job_id: str) -> tuple[int, ...]:
        """Every file id of the job, ascending."""

    def withheld(self, job_id: str) -> frozenset[int]:
        """The file ids of the job that its owner may not have."""

    def claimed(self, owner: str, key: str, now: datetime) -> Claim | None:
        """The claim that stands on an idempotency key, if any."""

    def results(self, job: Job, first: int, last: int) -> Mapping[int, FileResult]:
        """The results that stand for file ids ``first`` to ``last``, both included.

        What failed in an earlier round stands no more.
        """

    def standings(self, job: Job, first: int, last: int) -> Mapping[int, FileStanding]:
        """As ``results``, and the files that wait for their restore, while the job is open."""

    def wait(
        self, job: Job, files: Sequence[RestoringFile], rule: RestoreRule, now: datetime
    ) -> Collection[int]:
        """Notes files that wait for their restore, and has the job outlive that, in one step; answers with
        the ids of those that it did not know to wait.

        What waits or has a result already stays as it is; a result takes the place of the wait. A job that
        has ended, or is in another round, takes nothing. Raises ContendedError when the job stays too busy.
        """

    def waiting_for(self, file_id: int) -> Sequence[str]:
        """The jobs that noted that they wait for this file; maybe long ago, so each must be looked at."""

    def told(self, file_id: int, job_id: str) -> None:
        """Notes that a job need not be told any more that this file is restored."""

    def begin(self, job: Job, now: datetime) -> Job:
        """Turns a queued job to processing; answers with the job as it is then."""

    def swap(self, job: Job, changed: Job) -> None:
        """Replaces a job by another state of it. Raises ContendedError when it has changed since ``job``."""

    def due(self, now: datetime, most: int) -> Sequence[str]:
        """Open jobs, and ended ones whose notice is due, that the sweeper should look at.

        Longest waiting first within a shard.
        """

    def put_off(self, job: Job, check_at: datetime, sweeps: int) -> None:
        """Notes that the sweeper saw the job as it is, and when to look again; no change of version.

        ``sweeps`` counts the looks in a row that found the job where it was.
        """

    def drop(self, job_id: str, now: datetime) -> None:
        """Takes an expired job from what is due; nothing when it is there, or not expired."""

    def notified(self, job: Job) -> None:
        """Notes that the notice of the job's end is queued; nothing, when the job has changed since."""

    def cancel(self, job_id: str, owner: str, now: datetime) -> Job | None:
        """Cancels the owner's open job. Answers with the job as it is then, whatever its status, or None.

        Raises ContendedError when the job's counters stay too busy.
        """


class RecordingJobs(Jobs, Protocol):
    """Jobs, for those who record results too."""

    def lately(self, job_id: str, round_: int) -> Job | None:
        """As ``get``, or as the job stood at most a second ago, when it was at work in this round.

        As a rule not so old that all its files could be done since. For work whose every write is
        conditional: what the job has become meanwhile, that tells.
        """

    def record(self, job: Job, results: Sequence[FileResult], now: datetime) -> None:
        """Stores results and counts them in one step; what has a result already is not counted again.

        The last result ends the job in the same step, which ``settle`` writes down. A job that has ended, or
        is in another round than ``job`` is, takes nothing more. Raises ContendedError when the counters stay
        too busy.
        """


class Objects(Protocol):
    """The store that holds the files."""

    def key(self, file_id: int) -> str:
        """Where the file is kept."""

    def head(self, file_id: int) -> StoredObject:
        """What the store knows of the file. Raises ObjectUnreadableError or StoreUnavailableError."""

    def restore(self, file_id: int, cold: ColdClass | None, tier: Tier, days: int) -> Restore:
        """Has an archived file restored, or the copy kept that is there (``cold`` None), for so many days.

        Asks for what that class knows, and for Standard where no Expedited is to be had now.
        Raises ObjectUnreadableError or StoreUnavailableError.
        """

    def presign(self, file_id: int, now: datetime) -> SignedUrl:
        """A URL that downloads the file under its own name. Needs no call to the store."""


class Queue(Protocol):
    """The lanes that carry files to be prepared."""

    def send(self, job: Job, file_ids: Sequence[int]) -> Sequence[int]:
        """Sends one message a file into the job's lane; answers with the ids that could not be sent."""

    def waiting(self, lane: Priority) -> int:
        """About how many messages are in a lane, being worked on or delayed ones too.

        Raises StateUnavailableError.
        """

    def hide(self, delivery: Delivery, seconds: int) -> bool:
        """Hides a delivery for that long (0 to 43,200 s), so that it comes again after it.

        False when that could not be said: then it comes again after the queue's own visibility timeout.
        """


class Dependency(Protocol):
    """Something outside that health asks."""

    def ping(self) -> None:
        """Returns when it answers; raises DependencyDownError when it does not."""
