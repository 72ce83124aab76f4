"""A watcher: what frames one connection gets of one job, and when."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection

from tests.bench.end_to_end.measured import Frame, Watched

LOOK_UP_S = 0.5


def follow(connected: Callable[[], ClientConnection], seen: Watched, over: Event) -> None:
    """Notes every frame until the end of the job, with all its files, was told, or the run is over.

    A connection that cannot be made or is lost leaves `whole` false.
    """
    known: set[int] = set()
    with suppress(ConnectionClosed, InvalidHandshake, OSError), connected() as socket:
        while not (seen.whole or over.is_set()):
            with suppress(TimeoutError):
                text = socket.recv(timeout=LOOK_UP_S)
                note(json.loads(text), time.time(), known, seen)
    seen.left = True


def note(frame: dict[str, Any], at: float, known: set[int], seen: Watched) -> None:
    """Adds a frame to what was seen; `known` are the files whose result was told before, and becomes more."""
    told = {file["file_id"] for file in frame.get("files", ()) if file["status"] in {"completed", "failed"}}
    news = told - known if frame["type"] == "change" else set()
    known |= told
    seen.frames.append(Frame(at, frozenset(news)))
    if progress := frame.get("progress"):
        seen.whole = frame["status"] in {"completed", "failed"} and len(known) == progress["total"]
