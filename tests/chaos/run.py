"""One run: the load on a rigged stack, then the evidence, all of it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Event

import httpx

from delineate.api import Api
from delineate.auth.tokens import GivenToken, Tokens
from delineate.progress import JobState, merge_all
from tests.chaos.clients import Client, StoppedError
from tests.chaos.evidence import Evidence, read_stream, read_table
from tests.chaos.ledger import Ledger, Told
from tests.chaos.orders import THERE, Order
from tests.chaos.rig import Rig
from tests.chaos.watchers import Watchers

AT_ONCE = 12
"""Jobs that go on at the same time."""

STEP_S = 0.5

Show = Callable[[Ledger], None]


@dataclass(frozen=True)
class Load:
    """The orders of a run and when, on the monotonic clock, it gives up; `show` is called twice a second."""

    orders: Sequence[Order]
    until: float
    show: Show

    @property
    def late(self) -> bool:
        return time.monotonic() >= self.until


def run(rig: Rig, load: Load) -> Evidence:
    """Everything that was done and seen, whether the run came to its end in time or not."""
    evidence = Evidence({order.key: order for order in load.orders}, frozenset(THERE))
    url = rig.cloud.outputs["ApiUrl"]
    tokens = GivenToken(rig.cloud.sign_in("chaos"))
    headers = {"authorization": f"Bearer {tokens.current()}"}
    with httpx.Client(base_url=url, headers=headers, timeout=35) as http, Api(url, tokens=tokens) as api:
        rig.dice.rolling = True
        try:
            _put_on(rig, load, api, http, tokens, evidence.ledger)
        finally:
            rig.dice.rolling = False
        evidence.told = {job_id: _told(api, job_id) for _, job_id in set(evidence.ledger.accepted)}
    _read(rig, evidence)
    return evidence


def _put_on(  # noqa: PLR0913, PLR0917 # all that a run is made of
    rig: Rig, load: Load, api: Api, http: httpx.Client, tokens: Tokens, ledger: Ledger
) -> None:
    over = Event()
    watchers = Watchers(rig.cloud.outputs["ApiUrl"], tokens, ledger, over)
    clients = [Client(order, api, http, ledger, watchers, over) for order in load.orders]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            running = {pool.submit(client.run) for client in clients}
            while running and not load.late:
                ended, running = wait(running, STEP_S, FIRST_COMPLETED)
                _raise_from(ended)
                load.show(ledger)
            while not load.late and (rig.undelivered or watchers.busy):
                time.sleep(STEP_S)
                load.show(ledger)
        finally:
            over.set()


def _raise_from(ended: set[Future[None]]) -> None:
    for client in ended:
        error = client.exception()
        if error and not isinstance(error, StoppedError):
            raise error


def _told(api: Api, job_id: str) -> Told:
    return Told.of(merge_all(JobState(job_id), api.status_pages(job_id)))


def _read(rig: Rig, evidence: Evidence) -> None:
    dynamodb, table = rig.cloud.client("dynamodb"), rig.cloud.outputs["TableName"]
    evidence.table = read_table(dynamodb, table)
    evidence.stream = read_stream(dynamodb, rig.cloud.client("dynamodbstreams"), table)
    evidence.harmed = Counter(int(PurePosixPath(path).stem) for path in rig.proxy.harmed)
