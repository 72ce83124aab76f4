"""A job's states by WebSocket, over as many connections as get somewhere."""

from collections.abc import Iterator

from delineate.backoff import pauses
from delineate.errors import ServiceError, Unreachable
from delineate.progress import JobState
from delineate.watching import live
from delineate.watching.admission import Admission
from delineate.watching.following import Following

NOT_SIGNED_IN = "the sign-in was not accepted"


class BySocket:
    """Remembers the WebSocket's address from one try to the next."""

    def __init__(self, job: Following) -> None:
        self._job = job
        self._url: str | None = None
        self._opening = job.patience.opening

    def states(self) -> Iterator[JobState]:
        """States until the job is over, or until `why` says why there will be no more.

        Raises `Stopped`.
        """
        job, self.why = self._job, ""
        failures, waits = 0, pauses(job.patience.first_pause)
        admission = Admission(job.api.tokens)
        while not job.over:
            try:
                url, token = self._address(), admission.token()
                for state in self._connected(url, token):
                    if failures:
                        failures, waits = 0, pauses(job.patience.first_pause)
                    yield from job.keep(state, over=state.settled)
            except live.NeverOpened as fault:
                self.why, self._opening = str(fault), job.patience.opening_again
                return
            except live.ConnectionLost:
                failures += 1
                if failures >= job.patience.connections:
                    return
                job.stop.pause(next(waits))
            except live.TokenEnded:
                if not admission.renewed():
                    self.why = NOT_SIGNED_IN
                    return
            except (live.Refused, Unreachable, ServiceError) as fault:
                self.why = str(fault).rstrip(".")
                return

    def _connected(self, url: str, token: str | None) -> Iterator[JobState]:
        job = self._job
        return live.follow(
            url, job.held, job.patience.silence, token, job.stop, self._opening, job.api.network
        )

    def _address(self) -> str:
        self._url = self._url or self._job.api.entry().links.get("websocket")
        if not self._url:
            raise live.Refused("the service offers none")
        return self._url
