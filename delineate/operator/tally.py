"""What happened between looks: which jobs ended and how, and how fast files get a result."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from delineate.operator.items import Job
from delineate.operator.look import Look

WINDOW = timedelta(minutes=1)
MINUTE_SECONDS = 60


@dataclass(frozen=True)
class Rates:
    """Over the last minute, or since the screen began; `failed_share` is of `files`, None without any."""

    files_a_second: float
    jobs_a_minute: float
    failed_share: float | None
    files: int
    seconds: float


@dataclass(frozen=True)
class Step:
    """What one look added to the one before."""

    at: datetime
    files: int = 0
    failed: int = 0
    ended: int = 0


@dataclass
class Tally:
    """Adds up looks, in the order of time. Jobs that came and went between two looks are not in it."""

    ended: Counter[str] = field(default_factory=Counter)
    _known: dict[str, Job] = field(default_factory=dict)
    _steps: deque[Step] = field(default_factory=deque)

    def take(self, look: Look) -> None:
        """Count what is new. A look that could read nothing leaves everything as it is."""
        if not look.seen:
            return
        seen = {**look.jobs, **look.left}
        if not self._steps:
            self._steps.append(Step(look.at))
        else:
            self._steps.append(self._step(seen, look.at))
        self._known = seen
        while len(self._steps) > 1 and look.at - self._steps[1].at > WINDOW:
            self._steps.popleft()

    def _step(self, seen: Mapping[str, Job], at: datetime) -> Step:
        since, files, failed, ended = self._steps[-1].at, 0, 0, 0
        for job_id, job in seen.items():
            before = self._known.get(job_id)
            if before is None and job.created_at < since:
                # It was there all the time, and only now looked at: what it had done is not news.
                continue
            done, bad = _gain(before, job)
            files, failed = files + done, failed + bad
            if not job.open and (before is None or before.open):
                self.ended[job.status] += 1
                ended += 1
        return Step(at, files, failed, ended)

    def rates(self) -> Rates | None:
        """How fast it goes; None until there were two looks at different times."""
        seconds = sum((later.at - earlier.at).total_seconds() for earlier, later in pairwise(self._steps))
        if seconds <= 0:
            return None
        new = list(self._steps)[1:]
        files, failed = sum(step.files for step in new), sum(step.failed for step in new)
        jobs = sum(step.ended for step in new)
        share = failed / files if files else None
        return Rates(files / seconds, MINUTE_SECONDS * jobs / seconds, share, files, seconds)


def _gain(before: Job | None, job: Job) -> tuple[int, int]:
    """Files with a result since, and how many of them failed; a retry begins to count failures anew."""
    if before is None:
        return job.done, job.failed
    ready = max(0, job.completed - before.completed)
    failed = job.failed if job.round > before.round else max(0, job.failed - before.failed)
    return ready + failed, failed
