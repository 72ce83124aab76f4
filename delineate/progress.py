"""What is known of a job, and how each account of it changes that. Pure: no clock, no network.

A client ends with the right state whatever came late, twice, out of order or not at all, by five rules. The
first two are `merge`; `JobState.missed` tells of the third and `JobState.whole` of the fourth; what needs a
clock or a connection, the fifth among it, is in `live`.

1. A file's result is final within its `round`: merge the `files` of every frame, however old its `version`.
   When `round` grows, the job is retried: forget what failed, and take no failure of an older round.
2. Take `status` and `progress` only from a frame whose `version` and `round` are not older than those held.
3. When `since` is newer than the version you hold, a change was missed: subscribe again. (A version may be
   told in more than one frame; who is not reached by one of them is told nothing more, and rule 5 helps.)
4. When the job has ended and its counters tell of more results than you hold, a part was missed: unless it
   follows within 2 s, subscribe again.
5. After 15 s of silence, subscribe again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from delineate.contracts import Bundle, FileState, Frame, Progress, Sighting
from delineate.standing import FileStatus, JobStatus


@dataclass(frozen=True)
class JobState:
    """A job as far as it is known. Files that are not in `files` are pending.

    `missed` is true from the moment a gap is noticed until a snapshot closes it.
    """

    job_id: str
    version: int = 0
    round: int = 1
    status: JobStatus = JobStatus.QUEUED
    progress: Progress = field(default_factory=Progress)
    files: Mapping[int, FileState] = field(default_factory=lambda: MappingProxyType({}))
    missed: bool = False
    bundle: Bundle | None = None

    @classmethod
    def new(cls, job_id: str, total: int) -> "JobState":
        """A job just initiated: `total` files, all pending."""
        return cls(job_id, progress=Progress(total=total))

    @cached_property
    def results(self) -> Mapping[int, FileState]:
        """The files that have a result, by id."""
        return {id_: file for id_, file in self.files.items() if file.status.final}

    def having(self, status: FileStatus) -> list[FileState]:
        """The files known to have this status, in the order of their ids."""
        return sorted((f for f in self.files.values() if f.status is status), key=lambda f: f.file_id)

    @property
    def whole(self) -> bool:
        """Whether the result of every file that the counters tell of is held."""
        return len(self.results) >= self.progress.completed + self.progress.failed

    @property
    def settled(self) -> bool:
        """Whether the job has ended and everything about it is held: there is nothing to wait for."""
        return self.status.ended and self.whole


def merge(held: JobState, seen: Sighting) -> JobState:
    """What is known after `seen`, a frame or a status reply of the same job (others are ignored)."""
    if seen.jobId != held.job_id:
        return held
    if seen.round > held.round:
        held = reopened(held, seen.round)
    files = _merged(held, seen)
    missed = _missed(held, seen)
    older = seen.version < held.version or seen.round < held.round
    if older or (held.status.ended and not seen.status.ended):
        return replace(held, files=files, missed=missed)
    return replace(
        held,
        version=seen.version,
        status=seen.status,
        progress=seen.progress,
        files=files,
        missed=missed,
        bundle=seen.bundle or held.bundle,
    )


def merge_all(held: JobState, seen: Iterable[Sighting]) -> JobState:
    """`merge` over several accounts."""
    for one in seen:
        held = merge(held, one)
    return held


def reopened(held: JobState, round_: int) -> JobState:
    """The job as its next round begins: what is completed stays, nothing else is known."""
    kept = MappingProxyType({f.file_id: f for f in held.having(FileStatus.COMPLETED)})
    told, total = held.progress, held.progress.total
    share = round(100 * told.completed / total, 1) if total else 0.0
    progress = told.model_copy(update={"failed": 0, "percentage": share})
    return replace(
        held, round=round_, status=JobStatus.PROCESSING, progress=progress, files=kept, bundle=None
    )


def _merged(held: JobState, seen: Sighting) -> Mapping[int, FileState]:
    stale = seen.version < held.version
    told = [f for f in seen.files if seen.round == held.round or f.status is FileStatus.COMPLETED]
    news = {f.file_id: f for f in told if _is_news(held.files.get(f.file_id), f, stale)}
    return MappingProxyType({**held.files, **news}) if news else held.files


def _is_news(known: FileState | None, told: FileState, stale: bool) -> bool:
    if known is None or told.status.final:
        return known is None or not known.status.final
    return not known.status.final and not stale


def _missed(held: JobState, seen: Sighting) -> bool:
    if not isinstance(seen, Frame) or seen.since is None:
        # A snapshot of an older version than the one held cannot tell what the gap hid.
        return held.missed and seen.version < held.version
    return held.missed or seen.since > held.version
