"""What `admin top` shows at one moment, for a screen and for `--json` alike."""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from delineate.operator.health import LANES, STANDS_STILL, Complaint, complaints, stands
from delineate.operator.items import Job
from delineate.operator.judged import unjudged
from delineate.operator.look import Look, Observer
from delineate.operator.queues import Depth
from delineate.operator.tally import Rates, Tally

MOST_SLOW = 50
ENDINGS = ("completed", "failed", "cancelled")


@dataclass(frozen=True)
class Scene:
    """A look, and what was counted since the first one at `since`."""

    stack: str
    since: datetime
    look: Look
    ended: Mapping[str, int] = field(default_factory=dict)
    rates: Rates | None = None
    complaints: tuple[Complaint, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def watched(self) -> timedelta:
        """How long it was looked, from the first look to this."""
        return self.look.at - self.since

    @property
    def compared(self) -> bool:
        """Whether what ended is known: jobs were seen now and at a look before."""
        return self.look.seen and self.rates is not None

    @property
    def slowest(self) -> list[Job]:
        """Open jobs, oldest first."""
        return sorted(self.look.open, key=lambda job: job.created_at)

    def age(self, job: Job) -> timedelta:
        """How long ago a job was asked for."""
        return max(timedelta(), self.look.at - job.created_at)

    def document(self) -> dict[str, object]:
        """All of it for a program; what is not known is null."""
        states = Counter(job.status for job in self.look.open)
        return {
            "stack": self.stack,
            "at": self.look.at.isoformat(),
            "since": self.since.isoformat(),
            "jobs": {
                "listed": len(self.look.listed.ids) if self.look.listed else None,
                "lookedAt": len(self.look.jobs),
                "more": bool(self.look.listed and not self.look.listed.whole),
                "queued": states["queued"] if self.look.seen else None,
                "processing": states["processing"] if self.look.seen else None,
                "ended": {name: self.ended.get(name, 0) for name in ENDINGS} if self.compared else None,
            },
            "queues": None if self.look.queues is None else _queues(self.look.queues),
            "rates": self.rates and _rates(self.rates),
            "slowest": [self._job(job) for job in self.slowest[:MOST_SLOW]],
            "watchedSeconds": round(self.watched.total_seconds(), 3),
            "notJudged": list(self.unjudged),
            "notWell": [{"line": one.line, "grave": one.grave} for one in self.complaints],
        }

    def _job(self, job: Job) -> dict[str, object]:
        counts = {name: getattr(job, name) for name in ("status", "total", "completed", "failed", "round")}
        age = round(self.age(job).total_seconds(), 1)
        return {"jobId": job.job_id, "ageSeconds": age, **counts, "sweeps": job.sweeps, "userId": job.who}


def _queues(queues: Mapping[str, Depth]) -> dict[str, object]:
    return {
        _camel(name): {"waiting": depth.waiting, "inFlight": depth.in_flight, "delayed": depth.delayed}
        for name, depth in queues.items()
    }


def _camel(name: str) -> str:
    first, *others = name.split()
    return first + "".join(word.capitalize() for word in others)


def _rates(rates: Rates) -> dict[str, object]:
    told = asdict(rates)
    names = {"files_a_second": "filesPerSecond", "jobs_a_minute": "jobsPerMinute"}
    names |= {"failed_share": "failedShare", "files": "files", "seconds": "overSeconds"}
    return {names[name]: value for name, value in told.items()}


class Watcher:
    """Makes a scene of each look: it remembers the one before, and what was counted."""

    def __init__(self, stack: str, observer: Observer) -> None:
        self._stack, self._observer = stack, observer
        self._tally = Tally()
        self._standing: dict[str, datetime] = {}
        self._notices: deque[tuple[datetime, int]] = deque()
        self._since: datetime | None = None

    def next(self) -> Scene:
        """Look now. Raises nothing of AWS: the scene tells of it."""
        look = self._observer.look()
        self._tally.take(look)
        self._since = self._since or look.at
        # What was counted before tells nothing of a moment that could not be seen.
        rates = self._tally.rates() if look.seen else None
        self._note_standing(look)
        found = tuple(complaints(self._stack, look, rates, self._standing, self._hidden(look)))
        missing = tuple(unjudged(look, self._since, rates, self._standing))
        return Scene(self._stack, self._since, look, dict(self._tally.ended), rates, found, missing)

    def _note_standing(self, look: Look) -> None:
        if look.queues is not None:
            now = [lane for lane in LANES if stands(look.queues.get(lane, Depth()))]
            self._standing = {lane: self._standing.get(lane, look.at) for lane in now}

    def _hidden(self, look: Look) -> int:
        """The fewest notices in flight at the looks of the last half minute: 0 at the first look."""
        if look.queues is None:
            self._notices.clear()
            return 0
        self._notices.append((look.at, look.queues.get("notices", Depth()).in_flight))
        while look.at - self._notices[0][0] > STANDS_STILL:
            self._notices.popleft()
        return min(count for _, count in self._notices) if len(self._notices) > 1 else 0
