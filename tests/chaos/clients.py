"""The load: one client a job, which initiates, waits, and does to the job what its order says."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

import httpx

from delineate.api import Api
from delineate.backoff import pauses
from delineate.errors import ServiceError, Unreachable
from tests.chaos.ledger import Ledger, Sighting
from tests.chaos.orders import Order
from tests.chaos.watchers import Watchers

PAUSE_S, LONGEST_PAUSE_S = 1.0, 4.0
SERVER_TROUBLE = 500


class StoppedError(Exception):
    """The run is over before the client got what it wanted."""


@dataclass(frozen=True)
class Client:
    """One order's client. `over` ends its waiting."""

    order: Order
    api: Api
    http: httpx.Client
    ledger: Ledger
    watchers: Watchers
    over: Event

    def run(self) -> None:
        """Raises StoppedError when the run ends first."""
        job_id = self.initiate()
        if self.order.watches:
            self.watchers.start(job_id, len(self.order.file_ids))
        if self.order.repeats:
            self.initiate()
        if self.order.cancels:
            self._cancel(job_id)
        self._wait(job_id)
        if self.order.retries and self._retry(job_id):
            self._wait(job_id)
        if self.order.repeats:
            self.initiate()
        self.ledger.ended.append(job_id)

    def initiate(self) -> str:
        """Sent with the order's key until it is accepted: the answer is the same job every time."""
        headers = {"idempotency-key": self.order.key}
        reply = self._post("v1/download/initiate", json=self.order.body, headers=headers)
        reply.raise_for_status()
        job_id = str(reply.json()["jobId"])
        self.ledger.accepted.append((self.order.key, job_id))
        return job_id

    def _cancel(self, job_id: str) -> None:
        self._wait(job_id, until_version=2)
        self.ledger.asked_to_cancel.append(job_id)
        while not self.over.is_set():
            try:
                self.api.cancel(job_id)
            except (Unreachable, ServiceError) as fault:
                if isinstance(fault, ServiceError) and fault.status < SERVER_TROUBLE:
                    return
                self._bear(fault)
            else:
                self.ledger.cancelled.append(job_id)
                return

    def _retry(self, job_id: str) -> bool:
        """Whether the job goes on, or may do so: an answer can be lost after the deed."""
        reply = self._post(f"v1/download/{job_id}/retry", lambda: self.ledger.asked_to_retry.append(job_id))
        return reply.is_success or _code(reply) != "NOTHING_TO_RETRY"

    def _wait(self, job_id: str, until_version: int | None = None) -> None:
        waits = pauses(PAUSE_S, LONGEST_PAUSE_S)
        while not self.over.is_set():
            try:
                told = self.api.status(job_id, limit=0)
            except (Unreachable, ServiceError) as fault:
                self._bear(fault)
                continue
            self.ledger.sightings.append(Sighting.polled(told))
            if told.status.ended or (until_version and told.version >= until_version):
                return
            self.over.wait(next(waits))
        raise StoppedError

    def _post(
        self, path: str, before_each: Callable[[], object] = lambda: None, **more: Any
    ) -> httpx.Response:
        """The first answer that is final: neither a 5xx, nor a 409 that says to try again."""
        while not self.over.is_set():
            before_each()
            try:
                reply = self.http.post(path, **more)
            except httpx.TransportError as fault:
                self._bear(fault)
            else:
                if reply.status_code < SERVER_TROUBLE and _code(reply) != "TRY_AGAIN":
                    return reply
                self.ledger.troubles[f"POST answered {reply.status_code}"] += 1
                self.over.wait(PAUSE_S)
        raise StoppedError

    def _bear(self, fault: Exception) -> None:
        self.ledger.troubles[type(fault).__name__] += 1
        self.over.wait(PAUSE_S)


def _code(reply: httpx.Response) -> str | None:
    return None if reply.is_success else reply.json().get("error", {}).get("code")
