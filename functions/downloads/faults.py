"""Faults told to Sentry, for handlers and the edge only; where no DSN is set, nothing is done or imported."""

from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from downloads.file import Priority
from downloads.model import Job
from downloads.settings import FaultSettings
from downloads.telemetry import keys_of, logger, user
from downloads.trace import Origin

if TYPE_CHECKING:
    from downloads.sentry import Sentry

# What is not answered while the caller waits; POST /v1/download/start is, and says so.
ASYNC = "async"
_CURRENT: ContextVar["Sentry | None"] = ContextVar("sentry", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Something known of a run. What is None says nothing: what was told before stays.

    ``endpoint`` is the route's template, ``lane`` and ``file_count`` those of a job or of a batch;
    ``kind`` is async or sync.
    """

    function: str | None = None
    endpoint: str | None = None
    origin: Origin | None = None
    owner: str | None = None
    job: Job | None = None
    job_id: str | None = None
    file_id: int | None = None
    lane: Priority | None = None
    file_count: int | None = None
    kind: str | None = None


def begin(settings: FaultSettings) -> None:
    """First of all in a run: what is told from here on is of this run alone. A wrong DSN is logged, once."""
    sentry = reporter(settings) if settings.sentry_dsn else None
    _CURRENT.set(sentry)
    if sentry:
        sentry.begin()
        sentry.tell({"download_type": ASYNC}, {}, None)


def about(run: Run) -> None:
    """Says what the run is about, as soon as it is known: at any time, any number of times."""
    if sentry := _CURRENT.get():
        owner = run.owner or (run.job and run.job.owner)
        sentry.tell(_tags(run), _job(run), user(owner).get("userId") if owner else None)
        if name := run.endpoint or run.function:
            sentry.name(name, "route" if run.endpoint else "task")


def captured(fault: BaseException) -> None:
    """An exception that leaves a handler. One that was logged at ERROR before is not told twice."""
    if sentry := _CURRENT.get():
        sentry.captured(fault)


def flush() -> None:
    """Last of all in a run: waits for what was told to arrive, 2 s at most. Raises nothing."""
    if sentry := _CURRENT.get():
        sentry.flush()


# One is enough: a function has one environment.
@lru_cache(maxsize=1)
def reporter(settings: FaultSettings) -> "Sentry | None":
    """None where Sentry cannot be told, which is no reason to refuse work."""
    try:
        from downloads.sentry import Sentry  # noqa: PLC0415 # slow to import, and often not there

        return Sentry(settings, logger().warning)
    except (ImportError, ValueError) as fault:
        logger().error("faults are not told to Sentry", exc_info=fault)
        return None


def _tags(run: Run) -> dict[str, str | int]:
    job = run.job
    tags: dict[str, str | int | None] = {
        "function": run.function,
        "download_type": run.kind,
        "lane": run.lane,
        "file_count": run.file_count,
        "jobId": run.job_id,
    }
    if job:
        tags |= {"lane": job.priority, "file_count": job.total, "jobId": job.job_id}
    tags |= keys_of(run.origin)
    return {name: value for name, value in tags.items() if value is not None}


def _job(run: Run) -> dict[str, object]:
    facts: dict[str, object | None] = {"job_id": run.job_id, "file_id": run.file_id}
    if job := run.job:
        facts |= {"job_id": job.job_id, "status": job.status, "total": job.total}
        facts |= {"completed": job.completed, "failed": job.failed}
    return {name: value for name, value in facts.items() if value is not None}
