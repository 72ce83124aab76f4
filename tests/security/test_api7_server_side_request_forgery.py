"""API7:2023. No callback_url makes this service call what is not public.

What a URL's text says is refused at once, by the deployed API. What a name turns out to be, the deployed
deliver_webhook refuses for the machine's own names; for other names a resolver of the tests' own is needed,
which cannot be put into a deployed function: there the adapter itself is called, as the function calls it.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from downloads.callback import Guard
from downloads.errors import CallbackFailedError
from downloads.notice import Failure
from downloads.web.post import HttpCallback
from tests.e2e.conftest import Service, until
from tests.receivers import Receiver, status

FORMS = [
    "https://127.0.0.1/", "https://2130706433/", "https://0177.0.0.1/", "https://0x7f000001/",
    "https://0x7f.0.0.1/", "https://127.1/", "https://017700000001/", "https://127.0.0.1:9001/",
    "https://[::1]/", "https://[::]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/",
    "https://[0:0:0:0:0:ffff:7f00:0001]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://169.254.169.254/latest/meta-data/", "https://2852039166/", "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/", "https://[::ffff:169.254.169.254]/", "https://[fd00:ec2::254]/",
    "https://169.254.170.2/v2/credentials/", "https://2852039170/", "https://[::ffff:a9fe:aa02]/",
    "https://169.254.100.1/", "https://0.0.0.0/", "https://0/", "https://10.0.0.1/", "https://100.64.0.1/",
    "https://172.16.0.1/", "https://192.168.0.1/", "https://198.18.0.1/", "https://224.0.0.1/",
    "https://255.255.255.255/", "https://[fe80::1]/", "https://[fc00::1]/", "https://[ff02::1]/",
    "https://①②⑦.⓪.⓪.①/", "https://１２７.0.0.1/", "https://127。0。0。1/",
    "https://user@8.8.8.8/", "https://user:word@8.8.8.8/", "https://:word@8.8.8.8/",
    "https://8.8.8.8@127.0.0.1/", "https://127.0.0.1#@8.8.8.8/", "https://127.0.0.1\\@8.8.8.8/",
    "http://8.8.8.8/", "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next", "ftp://8.8.8.8/",
    "file:///etc/passwd", "gopher://127.0.0.1:6379/_", "//8.8.8.8/", "javascript:alert(1)", "data:,x",
]  # fmt: skip


@pytest.mark.parametrize("url", FORMS)
def test_a_url_that_leads_inside_is_refused_at_once(alice: Service, url: str) -> None:
    reply = alice.http.post("/v1/download/initiate", json={"file_ids": [70000], "callback_url": url})
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "INVALID_REQUEST")
    assert "callback_url" in reply.text


def test_a_url_that_leads_outside_is_taken(alice: Service) -> None:
    """Else the others could be refused for another reason than where they lead."""
    hooked = {"file_ids": [70000], "callback_url": "https://receiver.invalid:8443/hook"}
    assert alice.http.post("/v1/download/initiate", json=hooked).status_code == 202


@pytest.fixture
def inside() -> Iterator[Receiver]:
    with Receiver(status(200)) as receiver:
        yield receiver


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST"])
def test_the_deployed_function_calls_no_name_of_its_own_machine(
    alice: Service, inside: Receiver, name: str
) -> None:
    job_id = alice.initiate([70000], callback_url=f"https://{name}:{inside.port}/")
    first = delivered(alice, job_id)
    assert (first["outcome"], first["errorCode"]) == ("failed", "ADDRESS_REFUSED")
    assert inside.requests == []


def delivered(user: Service, job_id: str) -> dict[str, Any]:
    def log() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = user.http.get(f"/v1/download/{job_id}/deliveries").json()["deliveries"]
        return found

    return until(log, lambda found: bool(found) and found[0]["outcome"] != "started")[0]


def refusal(callback: HttpCallback, url: str) -> Failure:
    with pytest.raises(CallbackFailedError) as caught:
        callback.post(url, {"webhook-id": "msg_1"}, b"{}")
    return caught.value.failure


@pytest.mark.parametrize(
    "found",
    [
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["169.254.170.2"],
        ["::1"],
        ["::ffff:169.254.169.254"],
        ["fd00:ec2::254"],
        ["64:ff9b::a9fe:a9fe"],
        ["8.8.8.8", "10.0.0.1"],
        ["2600:1f18::1", "::1"],
    ],
)
def test_a_name_that_leads_inside_is_not_called(inside: Receiver, found: list[str]) -> None:
    callback = HttpCallback(Guard(allow_http=True), lambda *_: found)
    assert refusal(callback, f"http://inside.example:{inside.port}/") is Failure.ADDRESS_REFUSED
    assert inside.requests == []


class OnlyTheSecond(Guard):
    """Takes 127.0.0.2, where nobody listens, for the one public address."""

    def permits(self, address: str) -> bool:
        return address == "127.0.0.2"


def test_a_name_that_changes_where_it_leads_is_called_where_it_was_checked(inside: Receiver) -> None:
    """DNS rebinding: public when it is checked, inside whenever anybody asks again."""
    answers = iter([["127.0.0.2"], ["127.0.0.1"], ["127.0.0.1"]])
    callback = HttpCallback(OnlyTheSecond(allow_http=True), lambda *_: next(answers))
    assert refusal(callback, f"http://rebinding.example:{inside.port}/") is Failure.NOT_CONNECTED
    assert len(list(answers)) == 2
    assert inside.requests == []
