"""The history and an owner's holdings in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from downloads.errors import HistoryDownError
from downloads.forget_ports import JobIds, Strays
from downloads.history_ports import HistoryFile
from downloads.model import Job


@dataclass
class FakeHistory:
    kept: dict[str, tuple[Job, tuple[HistoryFile, ...]]] = field(default_factory=dict)
    forgotten: dict[str, datetime] = field(default_factory=dict)
    down: bool = False

    def keep(self, job: Job, files: Sequence[HistoryFile]) -> bool:
        self._answer()
        if job.owner in self.forgotten and self.forgotten[job.owner] >= job.created_at:
            return False
        if job.job_id in self.kept and self.kept[job.job_id][0].version >= job.version:
            return False
        self.kept[job.job_id] = (job, tuple(files))
        return True

    def forget(self, owner: str, now: datetime, most: int) -> Sequence[str]:
        self._answer()
        self.forgotten[owner] = max(now, self.forgotten.get(owner, now))
        gone = [job_id for job_id, (job, _) in self.kept.items() if job.owner == owner][:most]
        for job_id in gone:
            del self.kept[job_id]
        return gone

    def _answer(self) -> None:
        if self.down:
            raise HistoryDownError("down")


@dataclass
class FakeHoldings:
    """Jobs, the items of the account, and strays, each a page of two."""

    job_items: dict[str, int] = field(default_factory=dict)
    account_items: int = 0
    strays: list[int] = field(default_factory=list)
    page: int = 2

    def jobs(self, owner: str, after: str | None = None) -> JobIds:
        ids = sorted(job_id for job_id in self.job_items if after is None or job_id > after)
        more = len(ids) > self.page
        return JobIds(ids[: self.page], ids[self.page - 1] if more else None)

    def shred_job(self, job_id: str) -> int:
        return self.job_items.pop(job_id, 0)

    def shred_account(self, owner: str) -> int:
        count, self.account_items = self.account_items, 0
        return count

    def shred_strays(self, owner: str, after: str | None = None) -> Strays:
        at = int(after or 0)
        deleted, self.strays[at] = self.strays[at], 0
        return Strays(deleted, 1_000, str(at + 1) if at + 1 < len(self.strays) else None)
