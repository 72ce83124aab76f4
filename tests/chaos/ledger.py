"""What the clients of a run did and were told: one half of the evidence."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from delineate.contracts import JobReply
from delineate.progress import JobState


@dataclass(frozen=True)
class Sighting:
    """A job as one viewer saw it; a viewer's sightings come in the order of seeing."""

    viewer: str
    job_id: str
    version: int
    status: str
    completed: int
    failed: int

    @classmethod
    def polled(cls, reply: JobReply) -> "Sighting":
        progress = reply.progress
        told = reply.version, reply.status, progress.completed, progress.failed
        return cls("poll", reply.jobId, *told)

    @classmethod
    def watched(cls, state: JobState) -> "Sighting":
        progress = state.progress
        told = state.version, state.status, progress.completed, progress.failed
        return cls("watch", state.job_id, *told)


@dataclass(frozen=True)
class Told:
    """All that a client holds of a job: `files` maps the ids with a result to None or an error code."""

    status: str
    completed: int
    failed: int
    files: Mapping[int, str | None]

    @classmethod
    def of(cls, state: JobState) -> "Told":
        files = {file_id: file.errorCode for file_id, file in state.results.items()}
        return cls(state.status, state.progress.completed, state.progress.failed, files)


@dataclass
class Ledger:
    """Shared by the clients' threads: every write is one append or one assignment.

    `accepted` are the answers to initiate by key; `asked` counts requests sent, whose answers may be lost.
    """

    accepted: list[tuple[str, str]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    asked_to_cancel: list[str] = field(default_factory=list)
    asked_to_retry: list[str] = field(default_factory=list)
    sightings: list[Sighting] = field(default_factory=list)
    watched: dict[str, Told | None] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)

    def jobs_of(self, key: str) -> set[str]:
        """Ids that were answered to one key: there must never be two."""
        return {job_id for told, job_id in self.accepted if told == key}
