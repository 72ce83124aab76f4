"""Server-Sent Events: the event stream format of the HTML standard, with a job's frames as data.

An answer holds few events, each whole: an ``id`` stands for everything up to it, so that a state must
never be spread over several events that share one.
"""

import re
from collections.abc import Sequence

from downloads.contracts.frames import Change, End, JobFrame, Snapshot, head
from downloads.contracts.replies import FileState
from downloads.model import Job
from downloads.ticket import is_secret

CONTENT_TYPE = "text/event-stream; charset=utf-8"
RETRY_MS = 1_000
# As many digits as a version can ever have: longer numbers are nonsense, and slow to read.
VERSION = re.compile(r"[0-9]{1,15}", re.ASCII)


def snapshot(job: Job, files: Sequence[FileState]) -> Snapshot:
    return Snapshot(**head(job), files=list(files), part=1, parts=1)


def change(job: Job, since: int, files: Sequence[FileState]) -> Change:
    return Change(**head(job), since=since, files=list(files), part=1, parts=1)


def end(job: Job) -> End:
    return End(**head(job), files=[], part=1, parts=1)


def stream(frames: Sequence[JobFrame], held: int | None = None, secret: str | None = None) -> str:
    """The body: how soon to come back (``retry``, in ms), a comment as heartbeat, then the events.

    ``secret`` opens a stream again whose ticket is used up: it rides on each id, because a browser sends the
    last one in a header, never in a URL. Where there is no event, an id alone carries it, which makes none.
    """
    ids = f".{secret}" if secret else ""
    beginning = f": keep-alive\nretry: {RETRY_MS}\n\n"
    if secret and not frames:
        return f"{beginning}id: {held or 0}{ids}\n\n"
    return beginning + "".join(_event(frame, ids) for frame in frames)


def held_version(*given: str | None) -> int | None:
    """The first that is a version, without its secret. None when not one is: who sent it holds nothing."""
    return next((version for text in given if text and (version := _version(text)) is not None), None)


def _version(text: str) -> int | None:
    version, dot, secret = text.partition(".")
    ours = VERSION.fullmatch(version) and (not dot or is_secret(secret))
    return int(version) if ours else None


def _event(frame: JobFrame, ids: str) -> str:
    # JSON without line ends: each would need a `data:` of its own.
    return f"id: {frame.version}{ids}\nevent: {frame.type}\ndata: {frame.json()}\n\n"
