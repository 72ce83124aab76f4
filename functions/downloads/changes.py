"""What one batch of the table's stream says of one job. Standard library only."""

from dataclasses import dataclass, field

from downloads.file import FailedFile, FileResult
from downloads.model import Job


@dataclass(frozen=True, slots=True)
class Recorded:
    """A result and the round that it was recorded in."""

    result: FileResult
    round: int

    def stands(self, job: Job) -> bool:
        """False for what failed in an earlier round: it is to be prepared again."""
        return not isinstance(self.result, FailedFile) or self.round >= job.round


@dataclass(slots=True)
class Changes:
    """``since`` is the version of the job before its first change."""

    job: Job | None = None
    since: int | None = None
    recorded: list[Recorded] = field(default_factory=list)

    def results(self, job: Job) -> list[FileResult]:
        """What stands for the job as it is."""
        return [one.result for one in self.recorded if one.stands(job)]
