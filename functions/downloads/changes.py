"""What one batch of the table's stream says of one job. Standard library only."""

from dataclasses import dataclass, field

from downloads.file import FileStanding, PreparedFile, RestoringFile
from downloads.model import Job


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a file stands, by a result or without, and the round that this was recorded in."""

    result: FileStanding
    round: int

    def stands(self, job: Job) -> bool:
        """False for what failed or waited in an earlier round, and for what waits when the job has ended."""
        if isinstance(self.result, PreparedFile):
            return True
        waits_in_vain = isinstance(self.result, RestoringFile) and job.status.terminal
        return self.round >= job.round and not waits_in_vain


@dataclass(slots=True)
class Changes:
    """``since`` is the version of the job before its first change."""

    job: Job | None = None
    since: int | None = None
    recorded: list[Recorded] = field(default_factory=list)

    def results(self, job: Job) -> list[FileStanding]:
        """What stands for the job as it is; of a file that changed twice, the later."""
        return list({one.result.file_id: one.result for one in self.recorded if one.stands(job)}.values())
