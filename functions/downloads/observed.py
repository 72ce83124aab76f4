"""What adapters see happen, for whoever counts and logs it. Standard library only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from downloads.file import FileResult
from downloads.model import Job, JobStatus


@dataclass(frozen=True, slots=True)
class Step:
    """A change of a job that this very call brought about: what came too late or twice is none.

    ``was`` is None for a new job; ``results`` are those that were counted with it.
    """

    job: Job
    was: JobStatus | None
    results: Sequence[FileResult] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an AWS service, its retries included.

    ``status`` is HTTP's, None without an answer; ``error`` the service's code or the exception's name.
    """

    service: str
    operation: str
    seconds: float
    status: int | None
    error: str | None = None
    moved_bytes: int = 0
    contended: bool = False


Tell = Callable[[Step], None]


def nobody(_: Step) -> None:
    """Is told of nothing."""


@dataclass(slots=True)
class Observers:
    """Who is told: nobody, until a run of a function says who."""

    step: Callable[[Step], None] = lambda _: None
    call: Callable[[Call], None] = lambda _: None

    def see(self, seen: Step | Call) -> None:
        """Adapters outlive the run that is told: they hold this, and not who listens now."""
        if isinstance(seen, Step):
            self.step(seen)
        else:
            self.call(seen)
