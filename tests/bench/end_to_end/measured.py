"""What a run of one contender came to: moments are seconds since 1970, all of one machine's clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.bench.end_to_end.quantiles import Spread, busiest_second, most_at_once, spread

Results = Mapping[str, Mapping[int, float]]
"""Job to file to the moment at which its result had been recorded."""


@dataclass(frozen=True)
class Started:
    """A job that was accepted: `at` its request was sent, `seconds` later its answer was there."""

    job_id: str
    file_ids: frozenset[int]
    at: float
    seconds: float


@dataclass(frozen=True)
class Frame:
    """A frame as a watcher got it; `news` are the files whose result it was the first to tell."""

    at: float
    news: frozenset[int]


@dataclass
class Watched:
    """What one connection heard of one job; `whole` once it had seen the end and every file.

    `left` when it listens no more.
    """

    job_id: str
    frames: list[Frame] = field(default_factory=list)
    whole: bool = False
    left: bool = False


@dataclass(frozen=True)
class Audit:
    """Files: lost have no result, double were recorded or counted twice; `wrong` is every finding."""

    accepted: int
    completed: int
    lost: int
    double: int
    wrong: Sequence[str] = ()


@dataclass(frozen=True)
class Measured:
    """One load on one contender. `hops` are seconds of other calls, made between its own, by their names."""

    name: str
    started: Sequence[Started]
    results: Results
    watched: Sequence[Watched]
    audit: Audit
    hops: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def initiate(self) -> Spread | None:
        return spread(job.seconds for job in self.started)

    @property
    def first_result(self) -> Spread | None:
        """From the request that started a job to its first result."""
        first = {job_id: min(moments.values()) for job_id, moments in self.results.items() if moments}
        return spread(first[job.job_id] - job.at for job in self.started if job.job_id in first)

    @property
    def to_frame(self) -> Spread | None:
        """From a result to the frame that told it; of files that a snapshot told nothing is known."""
        return spread(
            # The two are written down by different processes, so a frame may seem to come a little early.
            max(0.0, frame.at - self.results[seen.job_id][file_id])
            for seen in self.watched
            for frame in seen.frames
            for file_id in frame.news
            if file_id in self.results.get(seen.job_id, {})
        )

    @property
    def seen_whole(self) -> int:
        """Connections that were told the end and every file."""
        return sum(seen.whole for seen in self.watched)

    @property
    def busiest(self) -> int:
        """Frames in the busiest second of any connection."""
        return max((busiest_second(frame.at for frame in seen.frames) for seen in self.watched), default=0)

    @property
    def frames_a_job(self) -> float:
        """Frames that a connection got, on average."""
        return sum(len(seen.frames) for seen in self.watched) / max(1, len(self.watched))

    @property
    def open_at_once(self) -> int:
        """The most jobs that had been asked for and had not their last result."""
        last = {job_id: max(moments.values()) for job_id, moments in self.results.items() if moments}
        return most_at_once((job.at, last[job.job_id]) for job in self.started if job.job_id in last)

    @property
    def seconds(self) -> float:
        """From the first request to the last result."""
        moments = [moment for of_job in self.results.values() for moment in of_job.values()]
        return max(moments) - min(job.at for job in self.started) if moments and self.started else 0.0

    @property
    def files_a_second(self) -> float:
        return self.audit.completed / self.seconds if self.seconds else 0.0
