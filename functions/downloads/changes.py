"""What one batch of the table's stream says of one job. Standard library only."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from downloads.file import FailedFile, FileStanding, PreparedFile, RestoringFile
from downloads.model import Job


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file that is ready, as watchers are told of it: they get no link. ``size`` is in bytes."""

    file_id: int
    size: int


FileNews = ReadyFile | FailedFile | RestoringFile
What = TypeVar("What", bound=FileStanding | FileNews)


def news_of(file: FileStanding) -> FileNews:
    return ReadyFile(file.file_id, file.stored.size) if isinstance(file, PreparedFile) else file


@dataclass(frozen=True, slots=True)
class Recorded(Generic[What]):
    """How a file stands, by a result or without, and the round that this was recorded in."""

    result: What
    round: int

    def stands(self, job: Job) -> bool:
        """False for what failed or waited in an earlier round, and for what waits when the job has ended."""
        if isinstance(self.result, PreparedFile | ReadyFile):
            return True
        waits_in_vain = isinstance(self.result, RestoringFile) and job.status.terminal
        return self.round >= job.round and not waits_in_vain


@dataclass(frozen=True, slots=True)
class Settled:
    """A job as it is written down; ``since`` is the version that was before, None when it was this one."""

    job: Job
    since: int | None


@dataclass(slots=True)
class Changes:
    """``since`` is the version of the job before its first change.

    ``counted`` says that something was counted beside the job, which is to be settled.
    """

    job: Job | None = None
    since: int | None = None
    recorded: list[Recorded[FileNews]] = field(default_factory=list)
    counted: bool = False

    def settle(self, settled: Settled) -> None:
        """Notes the job as it is by now, whatever older records say of it."""
        self.job = settled.job
        if self.since is None:
            self.since = settled.since

    def results(self, job: Job) -> list[FileNews]:
        """What stands for the job as it is; of a file that changed twice, the later."""
        return list({one.result.file_id: one.result for one in self.recorded if one.stands(job)}.values())
