"""A job's states as they come: by WebSocket, else by Server-Sent Events, else by asking for the status."""

from collections.abc import Callable, Iterator

from delineate.api import Api
from delineate.errors import ServiceError, Unreachable
from delineate.progress import JobState
from delineate.stop import Stop
from delineate.watching import by_asking, by_events
from delineate.watching.by_socket import BySocket
from delineate.watching.following import Following, Patience

__all__ = ["Patience", "Watch"]


class Watch:
    """Follows one job to its end; `tell` receives a line for people whenever the way of watching changes."""

    def __init__(
        self,
        api: Api,
        held: JobState,
        tell: Callable[[str], object],
        patience: Patience | None = None,
        stop: Stop | None = None,
    ) -> None:
        self._tell = tell
        self._told = ""
        self._job = Following(api, held, tell, patience or Patience(), stop or Stop(), held.settled)
        self._socket = BySocket(self._job)

    def states(self) -> Iterator[JobState]:
        """Every new state of the job, ending with its last.

        Raises `ServiceError` (the job is unknown or has expired, for one), `Unreachable` when nothing could
        be heard for two minutes, and `Stopped`.
        """
        while not self._job.over:
            yield from self._socket.states()
            if not self._job.over:
                yield from self._without_socket(f" ({self._socket.why})" if self._socket.why else "")

    def _without_socket(self, why: str) -> Iterator[JobState]:
        try:
            yield from by_events.states(
                self._job, lambda: self._say(f"No WebSocket{why}; following by server-sent events instead.")
            )
        except (Unreachable, ServiceError):
            self._say(f"No live updates{why}; asking for the status instead.")
            yield from by_asking.states(self._job)

    def _say(self, line: str) -> None:
        if line != self._told:
            self._tell(line)
        self._told = line
