"""The ports in memory. The contract suite holds them to what the real adapters do."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil

from downloads.allowance import UNWRITTEN, Rate, Standing
from downloads.changes import Recorded, Settled
from downloads.claim import Claim
from downloads.cold import Asked, ColdClass, Restore, RestoreRule, Tier
from downloads.errors import (
    ClaimTakenError,
    ConnectionFaultError,
    ConnectionGoneError,
    ConnectionSlowError,
    ContendedError,
    DependencyDownError,
    DownloadError,
    ObjectUnreadableError,
    RateLimitedError,
    TooManyOpenJobsError,
)
from downloads.file import (
    LARGEST_FILE_ID,
    Delivery,
    ErrorCode,
    FileResult,
    FileStanding,
    PreparedFile,
    Priority,
    RestoringFile,
    SignedUrl,
    StoredObject,
    results_among,
)
from downloads.model import Job, JobPage, JobStatus, Place, Wish
from downloads.tallied import Tallied


@dataclass
class FakeJobs:
    """Every call is one step that nothing can interrupt, as a conditional write is.

    ``jobs`` are as they were settled last, ``tallied`` is what is counted beside them, by job and round.
    """

    clock: datetime
    jobs: dict[str, Job] = field(default_factory=dict)
    ids: dict[str, tuple[int, ...]] = field(default_factory=dict)
    files: dict[str, dict[int, tuple[int, FileStanding]]] = field(default_factory=dict)
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)
    barred: dict[str, frozenset[int]] = field(default_factory=dict)
    untold: set[tuple[int, str]] = field(default_factory=set)
    tallied: dict[tuple[str, int], Tallied] = field(default_factory=dict)

    def create(
        self,
        job: Job,
        file_ids: Sequence[int],
        claim: Claim | None = None,
        withheld: Collection[int] = (),
    ) -> None:
        if claim:
            held = self.claims.get((claim.owner, claim.key))
            if held and held.expires_at > job.created_at:
                raise ClaimTakenError(held)
            self.claims[claim.owner, claim.key] = claim
        self.jobs[job.job_id] = job
        self.ids[job.job_id] = tuple(sorted(file_ids))
        self.files[job.job_id] = {}
        self.barred[job.job_id] = frozenset(withheld)

    def get(self, job_id: str) -> Job | None:
        job = self.jobs.get(job_id)
        return self.counted(job) if job and job.expires_at > self.clock else None

    def lately(self, job_id: str, round_: int) -> Job | None:
        return self.get(job_id)

    def counted(self, job: Job) -> Job:
        """The job with what is counted beside it."""
        tallied = self.tallied.get((job.job_id, job.round))
        return job.settled(tallied) if tallied else job

    def settle(self, job_id: str, *, announced: bool = False) -> Settled | None:
        job = self.get(job_id)
        if job is None:
            return None
        if job.gives_up:
            self._close(job, self.clock)
            job = self.counted(job)
        before, self.jobs[job_id] = self.jobs[job_id], job
        return Settled(job, before.version if job != before else None)

    def _close(self, job: Job, now: datetime) -> None:
        none = Tallied(0, 0, 0, now)
        tallied = self.tallied.get((job.job_id, job.round), none)
        self.tallied[job.job_id, job.round] = replace(tallied, at=now, closing=True, closed=True)

    def owned(self, job_id: str, owner: str) -> Job | None:
        job = self.get(job_id)
        return job if job and job.owner == owner else None

    def listed(self, owner: str, limit: int, after: Place | None = None) -> JobPage:
        own = [Place(job.created_at, job.job_id) for job in self.jobs.values() if job.owner == owner]
        places = sorted(own, key=lambda place: (place.created_at, place.job_id), reverse=True)
        if after:
            places = [
                one for one in places if (one.created_at, one.job_id) < (after.created_at, after.job_id)
            ]
        found = [self.jobs[place.job_id] for place in places[:limit] if self.get(place.job_id)]
        return JobPage(found, places[limit - 1] if len(places) > limit else None)

    def withheld(self, job_id: str) -> frozenset[int]:
        return self.barred.get(job_id, frozenset())

    def claimed(self, owner: str, key: str, now: datetime) -> Claim | None:
        claim = self.claims.get((owner, key))
        return claim if claim and claim.expires_at > now else None

    def file_ids(self, job_id: str) -> tuple[int, ...]:
        return self.ids.get(job_id, ())

    def results(self, job: Job, first: int, last: int) -> Mapping[int, FileResult]:
        return results_among(self.standings(job, first, last))

    def standings(self, job: Job, first: int, last: int) -> Mapping[int, FileStanding]:
        known = self._standing(job)
        return {file_id: known[file_id] for file_id in sorted(known) if first <= file_id <= last}

    def wait(
        self, job: Job, files: Sequence[RestoringFile], rule: RestoreRule, now: datetime
    ) -> Collection[int]:
        current = self.get(job.job_id)
        if current is None or current.status.terminal or current.round != job.round:
            return set()
        known, stored = self._standing(current), self.jobs[job.job_id]
        version = stored.version + 1
        for file in files:
            if file.file_id not in known:
                self.files[job.job_id][file.file_id] = (current.round, file)
                stored = replace(stored.restoring(file.ready_at, rule, now), version=version)
                self.jobs[job.job_id] = stored
                self.untold.add((file.file_id, job.job_id))
        return {file.file_id for file in files}.difference(known)

    def waiting_for(self, file_id: int) -> Sequence[str]:
        return [job_id for waits_for, job_id in self.untold if waits_for == file_id]

    def told(self, file_id: int, job_id: str) -> None:
        self.untold.discard((file_id, job_id))

    def swap(self, job: Job, changed: Job) -> None:
        self.settle(job.job_id)
        if self.jobs[job.job_id].version != job.version:
            raise ContendedError(job.job_id)
        self.jobs[job.job_id] = changed

    def due(self, now: datetime, most: int) -> Sequence[str]:
        return [job.job_id for job in self.jobs.values() if job.check_at and job.check_at <= now][:most]

    def drop(self, job_id: str, now: datetime) -> None:
        job = self.jobs.get(job_id)
        if job and job.expires_at <= now:
            self.jobs[job_id] = replace(job, check_at=None)

    def put_off(self, job: Job, check_at: datetime, sweeps: int) -> None:
        current = self.jobs[job.job_id]
        if not current.status.terminal:
            seen = replace(current, check_at=check_at, seen_version=job.version, sweeps=sweeps)
            self.jobs[job.job_id] = seen

    def notified(self, job: Job) -> None:
        current = self.jobs[job.job_id]
        if current.version == job.version:
            self.jobs[job.job_id] = replace(current, check_at=None)

    def _standing(self, job: Job) -> dict[int, FileStanding]:
        stored = self.files.get(job.job_id, {})
        return {
            file_id: result
            for file_id, (round_, result) in stored.items()
            if Recorded(result, round_).stands(job)
        }

    def begin(self, job: Job, now: datetime) -> Job:
        if job.status is not JobStatus.QUEUED:
            return job
        if self.jobs[job.job_id] == job:
            self.jobs[job.job_id] = job.begun(now)
        return self.get(job.job_id) or job

    def record(self, job: Job, results: Sequence[FileResult], now: datetime) -> None:
        current = self.get(job.job_id)
        if current is None or current.status.terminal or current.round != job.round:
            return
        known = self.results(current, 0, LARGEST_FILE_ID)
        fresh: dict[int, FileResult] = {}
        for result in results:
            if result.file_id not in known:
                fresh.setdefault(result.file_id, result)
        if fresh:
            stamped = {file_id: (current.round, result) for file_id, result in fresh.items()}
            self.files[job.job_id].update(stamped)
            self._count(current, list(fresh.values()), now)
            after = job.counted(list(fresh.values()), now)
            if after.gives_up or not after.remaining:
                self.settle(job.job_id)

    def _count(self, job: Job, results: Sequence[FileResult], now: datetime) -> None:
        ready = sum(isinstance(result, PreparedFile) for result in results)
        self.tallied[job.job_id, job.round] = Tallied(
            job.completed - job.kept + ready, job.failed + len(results) - ready, job.batches + 1, now
        )

    def cancel(self, job_id: str, owner: str, now: datetime) -> Job | None:
        job = self.owned(job_id, owner)
        if job is None:
            return None
        if not job.status.terminal:
            self._close(job, now)
        settled = self.settle(job_id)
        return settled.job if settled else None


@dataclass
class FakeObjects:
    """``faults`` are raised by the HEAD of a file id; a file that is not in ``sizes`` is missing.

    ``archived`` files are restored once asked for, when the test says so: ``copies`` holds until when.
    """

    sizes: dict[int, int] = field(default_factory=dict)
    faults: dict[int, DownloadError] = field(default_factory=dict)
    heads: list[int] = field(default_factory=list)
    ttl: timedelta = timedelta(hours=1)
    down: bool = False
    archived: dict[int, ColdClass] = field(default_factory=dict)
    asked: dict[int, Tier] = field(default_factory=dict)
    copies: dict[int, datetime] = field(default_factory=dict)
    no_expedited: bool = False

    def key(self, file_id: int) -> str:
        return f"downloads/{file_id}.zip"

    def head(self, file_id: int) -> StoredObject:
        self.heads.append(file_id)
        if file_id in self.faults:
            raise self.faults[file_id]
        if file_id not in self.sizes:
            raise ObjectUnreadableError(ErrorCode.NOT_FOUND)
        until = self.copies.get(file_id)
        return StoredObject(
            self.key(file_id),
            self.sizes[file_id],
            f"etag-{file_id}",
            cold=None if until else self.archived.get(file_id),
            restoring=file_id in self.asked and not until,
            copy_until=until,
        )

    def restore(self, file_id: int, cold: ColdClass | None, tier: Tier, days: int) -> Restore:
        if cold is None:
            self.copies[file_id] += timedelta(days=days)
            return Restore(tier, Asked.RENEWED)
        if self.asked.get(file_id):
            return Restore(tier.of(cold), Asked.JOINED)
        tier = Tier.STANDARD if self.no_expedited and tier is Tier.EXPEDITED else tier.of(cold)
        self.asked[file_id] = tier
        return Restore(tier, Asked.BEGUN)

    def presign(self, file_id: int, now: datetime) -> SignedUrl:
        return SignedUrl(f"https://store.example/{self.key(file_id)}?at={now.timestamp()}", now + self.ttl)

    def ping(self) -> None:
        if self.down:
            raise DependencyDownError


@dataclass
class FakeQueue:
    """``refused`` ids cannot be sent."""

    sent: list[tuple[str, int, int]] = field(default_factory=list)
    waits: list[tuple[str, int]] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    lanes: Counter[Priority] = field(default_factory=Counter)

    def waiting(self, lane: Priority) -> int:
        return self.lanes[lane]

    def send(self, job: Job, file_ids: Sequence[int]) -> Sequence[int]:
        self.sent += [(job.job_id, file_id, job.round) for file_id in file_ids if file_id not in self.refused]
        return [file_id for file_id in file_ids if file_id in self.refused]

    def hide(self, delivery: Delivery, seconds: int) -> bool:
        self.waits.append((delivery.message_id, seconds))
        return True


@dataclass
class FakeWatchers:
    watching: dict[str, list[str]] = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    ends: dict[str, datetime | None] = field(default_factory=dict)

    def add(self, job_id: str, connection_id: str, ends_at: datetime | None, now: datetime) -> None:
        there = self.watching.setdefault(job_id, [])
        self.ends[connection_id] = ends_at
        if connection_id not in there:
            there.append(connection_id)

    def wish(self, wish: Wish, now: datetime) -> None:
        self.wishes.append(wish)

    def of(self, job_id: str, now: datetime) -> Sequence[str]:
        there = self.watching.get(job_id, [])
        return sorted(one for one in there if (end := self.ends.get(one)) is None or end > now)

    def remove(self, job_id: str, connection_ids: Iterable[str]) -> None:
        gone = set(connection_ids)
        self.watching[job_id] = [one for one in self.watching.get(job_id, []) if one not in gone]

    def leave(self, connection_id: str) -> None:
        for job_id in self.watching:
            self.remove(job_id, [connection_id])


@dataclass
class FakeConnections:
    """Connections in ``gone`` are closed, in ``stuck`` not to be reached now, in ``slow`` not in time."""

    frames: dict[str, list[str]] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)

    def send(self, connection_id: str, frame: str) -> None:
        if connection_id in self.gone:
            raise ConnectionGoneError(connection_id)
        if connection_id in self.stuck:
            raise ConnectionFaultError(connection_id)
        if connection_id in self.slow:
            raise ConnectionSlowError(connection_id)
        self.frames.setdefault(connection_id, []).append(frame)

    def close(self, connection_id: str) -> None:
        if connection_id in self.stuck:
            raise ConnectionFaultError(connection_id)
        self.gone.add(connection_id)


@dataclass
class FakeEndings:
    ends: dict[str, datetime] = field(default_factory=dict)

    def note(self, connection_id: str, ends_at: datetime) -> None:
        self.ends[connection_id] = ends_at

    def due(self, now: datetime) -> Sequence[tuple[str, datetime]]:
        earliest = now - timedelta(minutes=15)
        return [(one, ends_at) for one, ends_at in self.ends.items() if earliest <= ends_at <= now]

    def forget(self, connection_id: str, ends_at: datetime) -> None:
        self.ends.pop(connection_id, None)


@dataclass
class FakeAllowances:
    """Every call is one step; ``jobs`` tells which places are taken by open jobs."""

    jobs: FakeJobs
    rate: Rate = field(default_factory=lambda: Rate(per_minute=60, burst=20))
    most_open: int = 20
    full_at: dict[str, int] = field(default_factory=dict)
    places: dict[str, dict[str, datetime]] = field(default_factory=dict)

    def take(self, account: str, now: datetime) -> None:
        now_ms = round(now.timestamp() * 1000)
        full_at = max(self.full_at.get(account, 0), now_ms)
        if full_at > (latest := self.rate.latest_ms(now_ms)):
            raise RateLimitedError(ceil((full_at - latest) / 1000))
        self.full_at[account] = full_at + self.rate.interval_ms

    def standing(self, account: str, now: datetime) -> Standing:
        return self.rate.standing(self.full_at.get(account, 0), round(now.timestamp() * 1000))

    def reserve(self, account: str, job: Job, now: datetime) -> None:
        taken = self.places.setdefault(account, {})
        if job.job_id not in taken and len(taken) >= self.most_open:
            for job_id in [one for one, since in taken.items() if self._in_vain(one, since, now)]:
                del taken[job_id]
            if len(taken) >= self.most_open:
                raise TooManyOpenJobsError(self.most_open)
        taken[job.job_id] = now

    def release(self, account: str, job: Job) -> None:
        self.places[account].pop(job.job_id, None)

    def _in_vain(self, job_id: str, since: datetime, now: datetime) -> bool:
        job, young = self.jobs.get(job_id), since >= now - UNWRITTEN
        if job is None:
            return not young
        if job.completed_at is None:
            return False
        return not (young and since > job.completed_at)
