"""A bounded, varied load on a deployed service: jobs of all sizes, some of which go wrong, and watchers."""

import json
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count

from websockets.exceptions import ConnectionClosed

from infra_cdk.samples import MISSING
from tests.e2e.conftest import TERMINAL, Service
from tests.observability.servers import Answer, Call

IDS = range(71_000, 71_100)
"""Objects that exist; the hundred ids behind them do not."""
GONE = range(IDS.stop, IDS.stop + 100)
MOST_OPEN, MOST_WATCHED = 10, 3
NOT_THERE = ("/v1/download/status/00000000-0000-4000-8000-000000000000", "/v1/no/such/route")


def fill(service: Service, key_template: str) -> None:
    """Put a small file under each id."""
    for file_id in IDS:
        body = b"x" * (file_id % 97 * 1_000)
        service.cloud.put_object(key_template.format(file_id=file_id), body)


def moody() -> Callable[[Call], Answer]:
    """A receiver of webhooks that refuses every fifth call."""
    calls = count(1)
    return lambda _: (503, "later") if next(calls) % 5 == 0 else (204, "")


@dataclass
class Load:
    """What one user with many programs does in about `seconds`; `hook` is where half of the jobs are told."""

    service: Service
    hook: str
    seconds: float
    dice: random.Random = field(default_factory=lambda: random.Random(11))  # noqa: S311 # a picture
    started: int = 0
    open: list[str] = field(default_factory=list)
    watchers: list[Future[None]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def run(self, tell: Callable[[float], None]) -> None:
        """Works until the time is over; `tell` hears each second how many seconds are done.

        Raises:
            AssertionError: the service refused a job that it should take.
            websockets.exceptions.InvalidHandshake: it refused a watcher.
        """
        began = time.monotonic()
        with ThreadPoolExecutor(MOST_WATCHED) as pool:
            try:
                while (done := time.monotonic() - began) < self.seconds:
                    self._second(done / self.seconds, pool)
                    tell(time.monotonic() - began)
                    self.over.wait(0.7)
            finally:
                self.over.set()
        for watcher in self.watchers:
            watcher.result()

    def _second(self, part: float, pool: ThreadPoolExecutor) -> None:
        # Two waves, with a lull between them.
        busy = 0.35 if part < 0.2 or 0.5 < part < 0.65 else 0.9
        if len(self.open) < MOST_OPEN and self.dice.random() < busy:
            self._start(large=0.25 < part < 0.45)
            if self.started % 3 == 0:
                self.watchers.append(pool.submit(self._watch, self.open[-1]))
        if self.open and self.dice.random() < 0.06:
            self.service.http.delete(f"/v1/download/{self.dice.choice(self.open)}")
        if self.dice.random() < 0.15:
            self.service.http.get(self.dice.choice(NOT_THERE))
        self._look()

    def _start(self, *, large: bool) -> None:
        ids = self.dice.sample(IDS, self.dice.randint(25, 60) if large else self.dice.randint(5, 20))
        if self.dice.random() < 0.3:
            ids += self.dice.sample(GONE, 3)
        if self.dice.random() < 0.05:
            ids = [MISSING]  # nothing of it exists, so the job fails
        told = {"callback_url": self.hook} if self.dice.random() < 0.5 else {}
        lane = "high" if self.dice.random() < 0.3 else "normal"
        self.open.append(self.service.initiate(ids, priority=lane, **told))
        self.started += 1

    def _look(self) -> None:
        """Ask how two open jobs are, as programs without a WebSocket do."""
        for job_id in self.dice.sample(self.open, min(2, len(self.open))):
            if self.service.status(job_id)["status"] in TERMINAL:
                self.open.remove(job_id)

    def _watch(self, job_id: str) -> None:
        """Listen until the job has ended, or the load is over."""
        # A job that ends while the handshake goes on is told of and closed.
        with suppress(ConnectionClosed), self.service.watch(f"?jobId={job_id}") as socket:
            while not self.over.is_set():
                with suppress(TimeoutError):
                    if json.loads(socket.recv(timeout=1)).get("status") in TERMINAL:
                        return
