"""The download service's typed client, for programs and, as `delineate`, for the command line.

What is exported is loaded when it is first used: the command line starts without what it does not need.
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from delineate.aio import AsyncClient, AsyncJob, AsyncJobs
    from delineate.api import Priority
    from delineate.auth.tokens import Token
    from delineate.client import Client, Jobs, OnError
    from delineate.contracts import Archive, Bundle, FileState, Link, Progress
    from delineate.download.report import Fate, Outcome, Report
    from delineate.download.told import DownloadProgress
    from delineate.errors import (
        BadRequest,
        Conflict,
        DelineateError,
        FileFault,
        NoArchive,
        NotFound,
        RateLimited,
        ServiceError,
        SignInFailed,
        SignInNeeded,
        Stopped,
        TimedOut,
        Unreachable,
    )
    from delineate.job import Job
    from delineate.progress import JobState
    from delineate.standing import FileStatus, JobStatus

__all__ = [
    "Archive",
    "AsyncClient",
    "AsyncJob",
    "AsyncJobs",
    "BadRequest",
    "Bundle",
    "Client",
    "Conflict",
    "DelineateError",
    "DownloadProgress",
    "Fate",
    "FileFault",
    "FileState",
    "FileStatus",
    "Job",
    "JobState",
    "JobStatus",
    "Jobs",
    "Link",
    "NoArchive",
    "NotFound",
    "OnError",
    "Outcome",
    "Priority",
    "Progress",
    "RateLimited",
    "Report",
    "ServiceError",
    "SignInFailed",
    "SignInNeeded",
    "Stopped",
    "TimedOut",
    "Token",
    "Unreachable",
]

__version__ = version("delineate")
_HOMES = {
    "aio": ("AsyncClient", "AsyncJob", "AsyncJobs"),
    "api": ("Priority",),
    "auth.tokens": ("Token",),
    "client": ("Client", "Jobs", "OnError"),
    "contracts": ("Archive", "Bundle", "FileState", "Link", "Progress"),
    "download.report": ("Fate", "Outcome", "Report"),
    "download.told": ("DownloadProgress",),
    "job": ("Job",),
    "progress": ("JobState",),
    "standing": ("FileStatus", "JobStatus"),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


if not TYPE_CHECKING:
    # A type checker that saw it would take any name for one of the package's.
    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
