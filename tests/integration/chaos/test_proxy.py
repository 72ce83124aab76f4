"""The proxy of `make chaos`: what passes is unchanged, what is harmed looks as AWS's own faults do."""

import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.chaos import harm
from tests.chaos.calls import Call
from tests.chaos.faults import Dice, Fault
from tests.chaos.harm import Harm
from tests.chaos.proxy import Proxy
from tests.chaos.workers import Workers
from tests.integration.chaos.upstream import SIZE, Emulator

ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=3)
PUT = {"Put": {"TableName": "t", "Item": {"PK": {"S": "a"}}}}


class Planned(Dice):
    """Dice that do one harm to every call, or none."""

    plan: Harm | None = None

    def fault_of(self, call: Call) -> Fault | None:
        return Fault("planned", "any", 1.0, self.plan) if self.plan else None


@dataclass(frozen=True)
class Stand:
    """A proxy, its dice, and the calls that came through."""

    proxy: Proxy
    dice: Planned
    calls: list[str]

    def client(self, service: str) -> Any:
        session = boto3.Session("test", "test", region_name="us-east-1")
        return session.client(service, endpoint_url=self.proxy.url, config=ONCE)  # type: ignore[call-overload] # the stubs know services by literal names

    def write(self) -> None:
        self.client("dynamodb").transact_write_items(TransactItems=[PUT, PUT])

    def head(self) -> int:
        return int(self.client("s3").head_object(Bucket="b", Key="downloads/1.zip")["ContentLength"])


@pytest.fixture
def stand() -> Iterator[Stand]:
    calls: list[str] = []
    handler = type("Remembering", (Emulator,), {"calls": calls})
    dice = Planned(seed=1, files=1)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        with Proxy(f"http://127.0.0.1:{server.server_port}", Workers(os.getpid()), dice) as proxy:
            yield Stand(proxy, dice, calls)
        server.shutdown()


def test_what_meets_no_fault_passes_unchanged(stand: Stand) -> None:
    stand.write()
    assert stand.head() == SIZE
    assert stand.calls == ["DynamoDB_20120810.TransactWriteItems", "/b/downloads/1.zip"]
    assert stand.proxy.harmed == []


@pytest.mark.parametrize(
    ("plan", "seen", "reached"),
    [
        (harm.throttled, ("ProvisionedThroughputExceededException", 400), False),
        (harm.internal_error, ("InternalServerError", 500), False),
        (harm.conflict, ("TransactionCanceledException", 400), False),
        (harm.written_but_500, ("InternalServerError", 500), True),
    ],
)
def test_a_refusal_is_dynamodbs_own(stand: Stand, plan: Harm, seen: tuple[str, int], reached: bool) -> None:
    stand.dice.plan = plan
    with pytest.raises(ClientError) as caught:
        stand.write()
    reply = caught.value.response
    assert (reply["Error"]["Code"], reply["ResponseMetadata"]["HTTPStatusCode"]) == seen
    assert bool(stand.calls) is reached


def test_a_cancelled_transaction_has_a_reason_for_each_item(stand: Stand) -> None:
    stand.dice.plan = harm.throttled_transaction
    with pytest.raises(ClientError) as caught:
        stand.write()
    reasons: Any = caught.value.response.get("CancellationReasons")
    assert [reason["Code"] for reason in reasons] == ["None", "ThrottlingError"]


@pytest.mark.parametrize(("plan", "reached"), [(harm.written_but_cut, True), (harm.hang, False)])
def test_an_answer_is_withheld(stand: Stand, plan: Harm, reached: bool) -> None:
    stand.dice.plan = plan
    with pytest.raises(BotoCoreError):
        stand.write()
    assert bool(stand.calls) is reached


def test_s3_is_slowed_down_and_the_key_noted(stand: Stand) -> None:
    stand.dice.plan = harm.slow_down
    with pytest.raises(ClientError) as caught:
        stand.head()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert stand.proxy.harmed == ["/b/downloads/1.zip"]
    assert stand.dice.injected["planned"] == 1


def test_a_call_that_breaks_off_is_no_call(stand: Stand) -> None:
    address = urlsplit(stand.proxy.url)
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\ncontent-length: 100\r\n\r\n{}")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(1) == b""
    assert stand.calls == []


def test_who_is_no_worker_is_not_killed_and_goes_on(stand: Stand) -> None:
    stand.dice.plan = harm.killed_before
    assert stand.head() == SIZE
    assert stand.dice.injected["planned"] == 0
