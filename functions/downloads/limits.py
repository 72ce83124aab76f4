"""Which files a job may ask for, and how long it may take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from downloads.errors import RefusedFilesError
from downloads.model import LAST_CALL, Job


@dataclass(frozen=True, slots=True)
class Limits:
    """Which file ids are legal, both ends included, and how many of them make a job."""

    min_file_id: int
    max_file_id: int
    max_files: int

    def check(self, file_ids: Sequence[int]) -> None:
        """Raises RefusedFilesError, which names what is wrong with which ids."""
        if len(file_ids) > self.max_files:
            raise RefusedFilesError(
                f"A job takes at most {self.max_files} files; this one names {len(file_ids)}."
            )
        self._check_range(file_ids, "file_ids")

    def check_one(self, file_id: int) -> None:
        """Raises RefusedFilesError."""
        self._check_range([file_id], "file_id")

    def _check_range(self, file_ids: Sequence[int], field: str) -> None:
        wrong = [file_id for file_id in file_ids if not self.min_file_id <= file_id <= self.max_file_id]
        if wrong:
            message = f"File ids lie between {self.min_file_id} and {self.max_file_id}."
            raise RefusedFilesError(message, wrong, field)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How long a job is kept, may take, and may show no progress before the sweeper looks at it."""

    ttl: timedelta
    deadline: timedelta
    grace: timedelta

    def fits(self, job: Job, now: datetime) -> bool:
        """Whether a round that begins now ends well before the job is gone, even at its deadline."""
        return now + self.deadline + LAST_CALL <= job.expires_at
