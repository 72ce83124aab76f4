"""What became of a job's files."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from delineate.download.shelf import Place
from delineate.standing import JobStatus


class Fate(StrEnum):
    """What became of one file on this disk."""

    SAVED = "saved"
    PRESENT = "present"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """The end of one file: where it is and how long in bytes, or why it is not there."""

    file_id: int
    fate: Fate
    path: Path | None = None
    size: int = 0
    error_code: str | None = None
    error: str | None = None

    @classmethod
    def failed(cls, file_id: int, code: str | None, message: str | None) -> "Outcome":
        """A file that cannot be had, and why."""
        return cls(file_id, Fate.FAILED, error_code=code or "FAILED", error=message or "No reason was given.")

    @classmethod
    def brought(cls, place: Place) -> "Outcome":
        """A file that is at its place, whether fetched now or before."""
        fate = Fate.PRESENT if place.complete else Fate.SAVED
        return cls(place.file_id, fate, place.path, place.path.stat().st_size)

    def document(self) -> dict[str, object]:
        """The outcome for `--json`, with the names that the API uses."""
        told: dict[str, object] = {"file_id": self.file_id, "status": str(self.fate)}
        if self.fate is Fate.FAILED:
            return told | {"errorCode": self.error_code, "error": self.error}
        return told | {"path": str(self.path), "size": self.size}


@dataclass
class Report:
    """A job and the outcomes of its files so far, by id."""

    job_id: str
    total: int
    status: JobStatus = JobStatus.QUEUED
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def having(self, *fates: Fate) -> list[Outcome]:
        """The outcomes of these kinds, in the order of the ids."""
        return [self.outcomes[i] for i in sorted(self.outcomes) if self.outcomes[i].fate in fates]

    @property
    def on_disk(self) -> list[Outcome]:
        """The files that are there, whether fetched now or before."""
        return self.having(Fate.SAVED, Fate.PRESENT)

    @property
    def complete(self) -> bool:
        """Whether every file of the job is on disk."""
        return len(self.on_disk) == self.total

    def document(self) -> dict[str, object]:
        """The report for `--json`."""
        return {
            "jobId": self.job_id,
            "status": str(self.status),
            "complete": self.complete,
            "total": self.total,
            "saved": len(self.having(Fate.SAVED)),
            "present": len(self.having(Fate.PRESENT)),
            "failed": len(self.having(Fate.FAILED)),
            "bytes": sum(outcome.size for outcome in self.on_disk),
            "files": [self.outcomes[i].document() for i in sorted(self.outcomes)],
        }
