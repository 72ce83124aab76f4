"""The ports in memory. The contract suite holds them to what the real adapters do."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from downloads.claim import Claim
from downloads.errors import (
    ClaimTakenError,
    ConnectionFaultError,
    ConnectionGoneError,
    ConnectionSlowError,
    ContendedError,
    DependencyDownError,
    DownloadError,
    ObjectUnreadableError,
)
from downloads.file import Delivery, ErrorCode, FileResult, PreparedFile, Priority, SignedUrl, StoredObject
from downloads.model import Job, Wish


@dataclass
class FakeJobs:
    """Every call is one step that nothing can interrupt, as a conditional write is."""

    clock: datetime
    jobs: dict[str, Job] = field(default_factory=dict)
    ids: dict[str, tuple[int, ...]] = field(default_factory=dict)
    files: dict[str, dict[int, tuple[int, FileResult]]] = field(default_factory=dict)
    claims: dict[tuple[str, str], Claim] = field(default_factory=dict)

    def create(self, job: Job, file_ids: Sequence[int], claim: Claim | None = None) -> None:
        if claim:
            held = self.claims.get((claim.owner, claim.key))
            if held and held.expires_at > job.created_at:
                raise ClaimTakenError(held)
            self.claims[claim.owner, claim.key] = claim
        self.jobs[job.job_id] = job
        self.ids[job.job_id] = tuple(sorted(file_ids))
        self.files[job.job_id] = {}

    def get(self, job_id: str) -> Job | None:
        job = self.jobs.get(job_id)
        return job if job and job.expires_at > self.clock else None

    def file_ids(self, job_id: str) -> tuple[int, ...]:
        return self.ids.get(job_id, ())

    def results(self, job: Job, first: int, last: int) -> Mapping[int, FileResult]:
        known = self._standing(job)
        return {file_id: known[file_id] for file_id in sorted(known) if first <= file_id <= last}

    def swap(self, job: Job, changed: Job) -> None:
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

    def _standing(self, job: Job) -> dict[int, FileResult]:
        stored = self.files.get(job.job_id, {})
        return {
            file_id: result
            for file_id, (round_, result) in stored.items()
            if isinstance(result, PreparedFile) or round_ >= job.round
        }

    def begin(self, job: Job, now: datetime) -> Job:
        current = self.get(job.job_id)
        if current is None:
            return job
        self.jobs[job.job_id] = current.begun(now)
        return self.jobs[job.job_id]

    def record(self, job: Job, results: Sequence[FileResult], now: datetime) -> None:
        current = self.get(job.job_id)
        if current is None or current.status.terminal or current.round != job.round:
            return
        known = self._standing(current)
        fresh: dict[int, FileResult] = {}
        for result in results:
            if result.file_id not in known:
                fresh.setdefault(result.file_id, result)
        if fresh:
            stamped = {file_id: (current.round, result) for file_id, result in fresh.items()}
            self.files[job.job_id].update(stamped)
            self.jobs[job.job_id] = current.counted(list(fresh.values()), now)

    def cancel(self, job_id: str, now: datetime) -> Job | None:
        current = self.get(job_id)
        if current and not current.status.terminal:
            self.jobs[job_id] = current.cancelled(now)
        return self.get(job_id)


@dataclass
class FakeObjects:
    """``faults`` are raised by the HEAD of a file id; a file that is not in ``sizes`` is missing."""

    sizes: dict[int, int] = field(default_factory=dict)
    faults: dict[int, DownloadError] = field(default_factory=dict)
    heads: list[int] = field(default_factory=list)
    ttl: timedelta = timedelta(hours=1)
    down: bool = False

    def key(self, file_id: int) -> str:
        return f"downloads/{file_id}.zip"

    def head(self, file_id: int) -> StoredObject:
        self.heads.append(file_id)
        if file_id in self.faults:
            raise self.faults[file_id]
        if file_id not in self.sizes:
            raise ObjectUnreadableError(ErrorCode.NOT_FOUND)
        return StoredObject(self.key(file_id), self.sizes[file_id], f"etag-{file_id}")

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

    def add(self, job_id: str, connection_id: str, now: datetime) -> None:
        there = self.watching.setdefault(job_id, [])
        if connection_id not in there:
            there.append(connection_id)

    def wish(self, wish: Wish, now: datetime) -> None:
        self.wishes.append(wish)

    def of(self, job_id: str) -> Sequence[str]:
        return sorted(self.watching.get(job_id, []))

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
