"""A job's states as they come: live by WebSocket, by polling where that does not work."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from delineate.api import Api
from delineate.backoff import pauses
from delineate.errors import ServiceError, Unreachable
from delineate.progress import JobState, merge, merge_all
from delineate.watching import live
from delineate.watching.admission import Admission

SERVER_TROUBLE = 500
NOT_SIGNED_IN = "the sign-in was not accepted"


@dataclass(frozen=True)
class Patience:
    """How long, in seconds, and how often things are tried."""

    silence: float = live.SILENCE_SECONDS
    connections: int = 3
    first_pause: float = 0.5
    poll: float = 2.0
    # A service may ask for other pauses, within these.
    poll_shortest: float = 0.25
    poll_longest: float = 60.0
    # After polling this long, the WebSocket gets another chance.
    rejoin: float = 60.0
    # A service that cannot be reached for this long is given up.
    outage: float = 120.0


class Watch:
    """Follows one job to its end; `tell` receives a line for people whenever the way of watching changes."""

    def __init__(
        self, api: Api, held: JobState, tell: Callable[[str], None], patience: Patience | None = None
    ) -> None:
        self._api = api
        self._held = held
        self._tell = tell
        self._patience = patience or Patience()
        self._url: str | None = None
        self._over = held.settled

    def states(self) -> Iterator[JobState]:
        """Every new state of the job, ending with its last.

        Raises `ServiceError` (the job is unknown or has expired, for one) and `Unreachable` when nothing
        could be heard for two minutes.
        """
        while not self._over:
            yield from self._live()
            if not self._over:
                yield from self._polled()

    def _live(self) -> Iterator[JobState]:
        """States by WebSocket, over as many connections as get somewhere; ends when they do not."""
        failures, waits = 0, pauses(self._patience.first_pause)
        admission = Admission(self._api.tokens)
        while not self._over:
            try:
                url, token = self._address(), admission.token()
                for state in live.follow(url, self._held, self._patience.silence, token):
                    if failures:
                        failures, waits = 0, pauses(self._patience.first_pause)
                    self._keep(state, over=state.settled)
                    yield state
            except live.ConnectionLost:
                failures += 1
                if failures >= self._patience.connections:
                    return self._tell("No live updates; asking for the status instead.")
                time.sleep(next(waits))
            except live.TokenEnded:
                if not admission.renewed():
                    return self._tell(f"No live updates ({NOT_SIGNED_IN}); asking for the status instead.")
            except (live.Refused, Unreachable, ServiceError) as fault:
                return self._tell(f"No live updates ({_short(fault)}); asking for the status instead.")
        return None

    def _address(self) -> str:
        self._url = self._url or self._api.entry().links.get("websocket")
        if not self._url:
            raise live.Refused("the service offers none")
        return self._url

    def _polled(self) -> Iterator[JobState]:
        """States by asking, until the job has ended or it is time to try the WebSocket again."""
        began = heard = time.monotonic()
        while not self._over and time.monotonic() - began < self._patience.rejoin:
            before = self._held
            try:
                self._ask()
                heard = time.monotonic()
            except (Unreachable, ServiceError) as fault:
                self._bear(fault, time.monotonic() - heard)
            if self._held != before:
                yield self._held
            if not self._over:
                time.sleep(self._pause())

    def _pause(self) -> float:
        asked = self._api.retry_after
        if asked is None:
            return self._patience.poll
        return min(max(asked, self._patience.poll_shortest), self._patience.poll_longest)

    def _ask(self) -> None:
        """One look at the counters; the files only when they have changed."""
        told = self._api.status(self._held.job_id, limit=0)
        if told.version == self._held.version and self._held.whole and not told.status.ended:
            return self._keep(merge(self._held, told), over=False)
        # The full list of an ended job is the last word, even if its counters say otherwise.
        listed = merge_all(self._held, self._api.status_pages(self._held.job_id))
        return self._keep(listed, over=told.status.ended)

    def _bear(self, fault: Unreachable | ServiceError, outage: float) -> None:
        if isinstance(fault, ServiceError) and fault.status < SERVER_TROUBLE:
            raise fault
        if outage > self._patience.outage:
            raise fault
        self._tell(f"{fault} Trying again.")

    def _keep(self, state: JobState, over: bool) -> None:
        self._held, self._over = state, over


def _short(fault: Exception) -> str:
    return str(fault).rstrip(".")
