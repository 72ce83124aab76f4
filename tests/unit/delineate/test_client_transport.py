"""One exchange with the service: what is tried again, and what its errors become."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import httpx
import pytest

from delineate import transport
from delineate.api import Api
from delineate.backoff import pauses, retry_after
from delineate.errors import ServiceError, Unreachable

Reply = httpx.Response | Exception
OK = httpx.Response(200, json={})


class Script:
    """Answers with each reply in turn, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.paused: list[float] = []
        self.count = 0

    def send(self, method: str = "GET") -> httpx.Response:
        client = httpx.Client(base_url="http://api:3000", transport=httpx.MockTransport(self._answer))
        return transport.send(client, client.build_request(method, "x"), self.paused.append)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.count += 1
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply


@pytest.mark.parametrize(
    "fault", [httpx.ReadTimeout("slow"), httpx.ConnectError("no"), httpx.Response(502), httpx.Response(429)]
)
def test_a_get_is_tried_again(fault: Reply) -> None:
    script = Script(fault, OK)
    assert script.send().status_code == 200
    assert script.count == 2


@pytest.mark.parametrize(
    ("fault", "count"),
    [
        (httpx.ReadTimeout("slow"), 1),
        (httpx.WriteError("gone"), 1),
        (httpx.RemoteProtocolError("gone"), 1),
        (httpx.ConnectError("no"), 2),
        (httpx.ConnectTimeout("no"), 2),
        (httpx.PoolTimeout("no"), 2),
    ],
)
def test_a_post_is_tried_again_only_when_it_surely_did_nothing(fault: Exception, count: int) -> None:
    script = Script(fault, OK)
    try:
        script.send("POST")
    except Unreachable:
        assert count == 1
    assert script.count == count


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_post_is_not_repeated_when_it_may_have_been_carried_out(status: int) -> None:
    script = Script(httpx.Response(status, headers={"retry-after": "2"}), OK)
    with pytest.raises(ServiceError):
        script.send("POST")
    assert script.count == 1


def test_a_post_that_was_turned_away_is_repeated() -> None:
    script = Script(httpx.Response(429), OK)
    assert script.send("POST").status_code == 200


def test_one_key_goes_with_every_sending_of_one_initiation() -> None:
    keys: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            return httpx.Response(429)
        return httpx.Response(202, json={"jobId": "j", "status": "queued", "totalFiles": 1})

    client = httpx.Client(base_url="http://api", transport=httpx.MockTransport(answer))
    api = Api("", client, sleep=lambda _: None)
    api.initiate([70000])
    api.initiate([70000])
    assert keys[0] == keys[1] != keys[2]
    assert all(UUID(key).version == 4 for key in keys)


def test_retry_after_is_honoured() -> None:
    script = Script(httpx.Response(429, headers={"retry-after": "7"}), OK)
    script.send()
    assert script.paused == [7.0]


def test_it_gives_up_in_words() -> None:
    script = Script(httpx.ReadTimeout("slow"))
    with pytest.raises(Unreachable, match="The service at api:3000 did not answer in time"):
        script.send()
    assert script.count == transport.ATTEMPTS


@pytest.mark.parametrize(
    ("fault", "said"),
    [("[Errno 111] Connection refused", "Connection refused"), ("", "no connection"), ("EOF", "EOF")],
)
def test_why_there_is_no_connection_is_told_without_its_number(fault: str, said: str) -> None:
    script = Script(*[httpx.ConnectError(fault)] * transport.ATTEMPTS)
    with pytest.raises(Unreachable, match=rf"^The service at api:3000 cannot be reached \({said}\)\.$"):
        script.send()


def test_an_error_reply_is_one_sentence_with_code_and_request() -> None:
    error = {"code": "INVALID", "message": "Not valid.\x1b[2J", "details": [{"message": "id too small"}, "b"]}
    script = Script(httpx.Response(422, json={"error": error, "requestId": "r-1"}))
    with pytest.raises(ServiceError) as caught:
        script.send()
    assert (caught.value.code, caught.value.status, caught.value.request_id) == ("INVALID", 422, "r-1")
    assert "\x1b" not in str(caught.value)
    assert str(caught.value).endswith(": id too small; b (INVALID, request r-1).")
    assert script.count == 1


def test_a_field_that_is_refused_is_named_and_nothing_is_said_twice() -> None:
    details = [{"field": "body.callback_url", "message": "not a URL"}, {"message": "Not valid."}]
    error = {"code": "INVALID", "message": "Not valid.", "details": details}
    with pytest.raises(ServiceError, match=r"^Not valid: callback_url: not a URL \(INVALID\)\.$"):
        Script(httpx.Response(422, json={"error": error})).send()


@pytest.mark.parametrize("body", [b"<html>Bad Gateway</html>", b'["a"]', b'{"message": "Forbidden"}', b""])
def test_a_gateways_own_page_is_an_error_too(body: bytes) -> None:
    with pytest.raises(ServiceError, match=r"The service answered 403 Forbidden \(HTTP_403\)\."):
        Script(httpx.Response(403, content=body)).send()


def _api(answer: Callable[[httpx.Request], httpx.Response]) -> Api:
    return Api("", httpx.Client(base_url="http://api/live", transport=httpx.MockTransport(answer)))


def test_what_is_not_the_service_is_said_so() -> None:
    with pytest.raises(Unreachable, match="is not the download service"):
        _api(lambda _: httpx.Response(200, html="<p>Welcome to nginx")).status("j")


def test_a_job_id_cannot_change_the_path() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return httpx.Response(404)

    with pytest.raises(ServiceError):
        _api(answer).status("../../health?x")
    assert asked == ["/live/v1/download/status/%2E%2E%2F%2E%2E%2Fhealth%3Fx"]


@pytest.mark.parametrize(("header", "seconds"), [("3", 3.0), (None, None), ("soon", None), ("-1", None)])
def test_retry_after_in_seconds(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds


def test_retry_after_as_a_date() -> None:
    past = datetime.now(UTC) - timedelta(hours=1)
    future = datetime.now(UTC) + timedelta(hours=1)
    assert retry_after(format_datetime(past, usegmt=True)) == 0
    assert 3500 < (retry_after(format_datetime(future, usegmt=True)) or 0) <= 3600


def test_pauses_grow_to_a_limit_with_jitter() -> None:
    waits = pauses(first=1, longest=4)
    for ceiling in (1, 2, 4, 4):
        assert ceiling / 2 <= next(waits) <= ceiling
