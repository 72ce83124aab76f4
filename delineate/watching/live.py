"""A job's frames from the service's WebSocket API, for as long as one connection lasts."""

import json
import time
from collections.abc import Iterator

from pydantic import ValidationError
from websockets.sync.client import ClientConnection

from delineate.contracts import Frame
from delineate.network import Network
from delineate.progress import JobState, merge
from delineate.stop import Stop
from delineate.watching.handshake import (
    OPEN_SECONDS,
    ConnectionLost,
    NeverOpened,
    Refused,
    TokenEnded,
    connection,
)

__all__ = ["ConnectionLost", "NeverOpened", "Refused", "TokenEnded", "follow"]

SILENCE_SECONDS = 15.0
# Parts of one snapshot follow each other closely; what has not come by then was lost.
REMAINDER_SECONDS = 2.0
SILENCES_OF_A_DEAD_CONNECTION = 2
VAIN_SNAPSHOTS = 2
LOOK_UP_SECONDS = 0.5


def follow(  # noqa: PLR0913, PLR0917 - each is another's business
    url: str,
    held: JobState,
    silence: float = SILENCE_SECONDS,
    token: str | None = None,
    stop: Stop | None = None,
    open_seconds: float = OPEN_SECONDS,
    network: Network | None = None,
) -> Iterator[JobState]:
    """Every new state of the job after `held`, ending with the settled one.

    Asks for a snapshot at the start, when a frame was missed and after `silence` seconds without one.
    Raises `ConnectionLost`, `NeverOpened`, `Refused`, `TokenEnded`, or `Stopped`.
    """
    stop = stop or Stop()
    try:
        with connection(url, token, stop.within(open_seconds), network) as socket:
            yield from _Conversation(socket, held, silence, stop).states()
    except NeverOpened:
        stop.check()
        raise


class _Conversation:
    def __init__(self, socket: ClientConnection, held: JobState, silence: float, stop: Stop) -> None:
        self._stop = stop
        self._socket = socket
        self._held = held
        self._silence = silence
        self._awaiting_snapshot = False
        self._silences = 0
        self._vain_snapshots = 0

    def states(self) -> Iterator[JobState]:
        self._subscribe()
        while not self._held.settled:
            message = self._heard()
            if message is None:
                continue
            before, self._held = self._held, self._merged(message)
            if self._held.missed and not self._awaiting_snapshot:
                self._subscribe()
            if self._held != before:
                yield self._held

    def _subscribe(self) -> None:
        self._awaiting_snapshot = True
        self._say("subscribe", jobId=self._held.job_id)

    def _say(self, action: str, **fields: str) -> None:
        self._socket.send(json.dumps({"action": action, **fields}))

    def _heard(self) -> str | bytes | None:
        """The next message; None after a silence, which was answered by asking for a snapshot."""
        remainder = self._held.status.ended and not self._awaiting_snapshot
        try:
            message = self._received(min(REMAINDER_SECONDS, self._silence) if remainder else self._silence)
        except TimeoutError:
            self._after_silence(remainder)
            return None
        self._silences = 0
        return message

    def _received(self, patience: float) -> str | bytes:
        """The next message; looks up now and then whether to stop. Raises `TimeoutError`, `Stopped`."""
        until = time.monotonic() + patience
        while True:
            self._stop.check()
            left = self._stop.within(until - time.monotonic())
            try:
                return self._socket.recv(min(left, LOOK_UP_SECONDS))
            except TimeoutError:
                if time.monotonic() >= until:
                    raise

    def _after_silence(self, remainder: bool) -> None:
        self._silences += 1
        self._vain_snapshots += remainder
        if self._vain_snapshots > VAIN_SNAPSHOTS:
            raise Refused("its snapshots stay incomplete")
        if self._silences >= SILENCES_OF_A_DEAD_CONNECTION:
            raise ConnectionLost("nothing came any more")
        self._say("ping")
        self._subscribe()

    def _merged(self, message: str | bytes) -> JobState:
        frame = _frame(message)
        if frame is None or frame.jobId != self._held.job_id:
            return self._held
        if frame.type == "snapshot":
            self._awaiting_snapshot = False
        return merge(self._held, frame)


def _fault(error: object) -> ConnectionLost | Refused:
    passing = isinstance(error, dict) and error.get("code") == "SERVICE_UNAVAILABLE"
    return ConnectionLost("the service is busy") if passing else Refused(str(error))


def _frame(message: str | bytes) -> Frame | None:
    """The frame in a message; None for the kinds that tell nothing of a job, known or not."""
    try:
        body = json.loads(message)
    except ValueError:
        return None
    if not isinstance(body, dict):
        return None
    if body.get("type") == "expired":
        raise TokenEnded
    if body.get("type") == "error":
        raise _fault(body.get("error"))
    try:
        return Frame.model_validate(body) if body.get("type") in ("snapshot", "change") else None
    except ValidationError:
        return None
