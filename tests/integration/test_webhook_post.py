"""The way out to receivers on real sockets: what they may do to us, and where a connection goes at all."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest
import trustme

from downloads.callback import Guard
from downloads.errors import CallbackFailedError
from downloads.notice import Failure
from downloads.web.post import MOST_READ, HttpCallback, system_resolve
from tests.receivers import Receiver, Script, says, status

ANYWHERE = Guard(allow_http=True, allow_private=True)
BODY = b'{"type":"download.completed"}'
HEADERS = {"webhook-id": "msg_1"}
OK = status(200)


def post(url: str, callback: HttpCallback | None = None) -> int:
    return (callback or HttpCallback(ANYWHERE)).post(url, HEADERS, BODY)


def failure(url: str, callback: HttpCallback | None = None) -> Failure:
    with pytest.raises(CallbackFailedError) as error:
        post(url, callback)
    return error.value.failure


def at_loopback(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def test_one_request_with_the_headers_and_the_very_body() -> None:
    with Receiver(OK) as receiver:
        assert post(receiver.url) == 200
    (request,) = receiver.requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *rest = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in rest)
    assert first == "POST /hook?key=1 HTTP/1.1"
    assert body == BODY
    assert headers["host"] == f"127.0.0.1:{receiver.port}"
    assert headers["webhook-id"] == "msg_1"
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("code", [204, 400, 410, 500, 503])
def test_the_status_is_handed_back_whatever_it_is(code: int) -> None:
    with Receiver(status(code)) as receiver:
        assert post(receiver.url) == code


def test_a_redirect_is_not_followed() -> None:
    with Receiver(OK) as elsewhere, Receiver(status(302, f"location: {elsewhere.url}")) as receiver:
        assert post(receiver.url) == 302
    assert elsewhere.requests == []


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Receiver(OK) as proxy, Receiver(OK) as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert post(receiver.url) == 200
    assert proxy.requests == []


def drip(first: bytes, drop: bytes) -> Script:
    """Sends a drop every 50 ms for as long as anybody listens: no single read ever times out."""

    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        while not threading.Event().wait(0.05):
            connection.sendall(drop)

    return script


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\n"])
def test_a_head_that_drips_ends_with_the_deadline(first: bytes) -> None:
    with Receiver(drip(first, b"X")) as receiver:
        assert failure(receiver.url, HttpCallback(ANYWHERE, seconds=0.4)) is Failure.TIMEOUT


def test_a_body_that_drips_ends_with_the_deadline_and_its_status_counts() -> None:
    with Receiver(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"X")) as receiver:
        assert post(receiver.url, HttpCallback(ANYWHERE, seconds=0.4)) == 200


@pytest.mark.parametrize("first", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_of_an_endless_answer_64_kb_are_read(first: bytes) -> None:
    sent = 0

    def flood(connection: socket.socket) -> None:
        nonlocal sent
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST_READ)
        connection.sendall(first)
        while True:
            sent += connection.send(b"X" * 4096)

    with Receiver(flood) as receiver:
        assert post(receiver.url) == 200
    # What the kernel's buffers took on top was never read.
    assert sent < 200 * MOST_READ


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", Failure.NOT_CONNECTED),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Failure.BAD_ANSWER),
        (b"HTTP/1.1 abc\r\n\r\n", Failure.BAD_ANSWER),
        (b"X" * 100_000, Failure.BAD_ANSWER),
    ],
)
def test_what_is_no_answer_has_a_reason(answer: bytes, why: Failure) -> None:
    with Receiver(says(answer)) as receiver:
        assert failure(receiver.url) is why


def test_a_receiver_that_takes_no_connection_has_a_reason() -> None:
    with Receiver(OK) as receiver:
        url = receiver.url
    assert failure(url) is Failure.NOT_CONNECTED


def test_a_receiver_that_never_answers_ends_with_the_deadline() -> None:
    with Receiver(lambda _: receiver.over.wait(5) and None) as receiver:
        assert failure(receiver.url, HttpCallback(ANYWHERE, seconds=0.3)) is Failure.TIMEOUT


@pytest.mark.parametrize(
    "found", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::ffff:127.0.0.1"]]
)
def test_a_name_that_leads_inside_is_not_called(found: list[str]) -> None:
    with Receiver(OK) as receiver:
        callback = HttpCallback(Guard(allow_http=True), lambda *_: found)
        assert failure(f"http://inside.example:{receiver.port}/", callback) is Failure.ADDRESS_REFUSED
    assert receiver.requests == []


def test_a_name_is_resolved_once_so_that_it_cannot_lead_elsewhere_after_the_check() -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])
    with Receiver(OK) as receiver:
        callback = HttpCallback(ANYWHERE, lambda *_: next(answers))
        assert post(f"http://rebinding.example:{receiver.port}/", callback) == 200
    assert list(answers) == [["127.0.0.2"]]


def test_numbers_that_are_addresses_in_disguise_are_checked_as_what_they_are() -> None:
    strict = Guard(allow_http=True)
    for host in ("2130706433", "0x7f.1", "127.1", "localhost"):
        assert failure(f"http://{host}/", HttpCallback(strict)) is Failure.ADDRESS_REFUSED


def test_the_next_address_is_tried_when_one_takes_no_connection() -> None:
    with Receiver(OK) as receiver:
        callback = HttpCallback(ANYWHERE, lambda *_: ["127.0.0.2", "127.0.0.1"])
        assert post(f"http://two.example:{receiver.port}/", callback) == 200


def unknown(host: str, port: int) -> Sequence[str]:
    raise socket.gaierror(socket.EAI_NONAME, "unknown")


@pytest.mark.parametrize("resolve", [unknown, lambda *_: []])
def test_a_name_without_an_address_has_a_reason(resolve: Callable[[str, int], Sequence[str]]) -> None:
    assert failure("http://nowhere.example/", HttpCallback(ANYWHERE, resolve)) is Failure.NOT_RESOLVED


def test_a_name_that_no_resolver_can_take_has_a_reason() -> None:
    url = f"http://{'a' * 64}.example/"
    assert failure(url, HttpCallback(ANYWHERE, system_resolve)) is Failure.NOT_RESOLVED


def test_a_resolver_that_hangs_ends_with_the_deadline() -> None:
    over = threading.Event()
    callback = HttpCallback(ANYWHERE, lambda *_: ["127.0.0.1"] if over.wait(5) else [], seconds=0.2)
    assert failure("http://slow.example/", callback) is Failure.TIMEOUT
    over.set()


@pytest.mark.parametrize("url", ["http://a.example/", "https://u:p@a.example/", "https://10.0.0.1/", "x"])
def test_a_url_that_the_guard_refuses_is_not_called(url: str) -> None:
    assert failure(url, HttpCallback(Guard(), unknown)) is Failure.URL_REFUSED


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls_receiver(authority: trustme.CA) -> Iterator[Receiver]:
    """Its certificate is for receiver.test."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("receiver.test").configure_cert(context)
    with Receiver(OK, context) as receiver:
        yield receiver


@pytest.fixture
def trusting(authority: trustme.CA) -> HttpCallback:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    return HttpCallback(Guard(allow_private=True), at_loopback, trust)


def test_tls_asks_for_the_hosts_certificate_at_the_address_that_was_checked(
    tls_receiver: Receiver, trusting: HttpCallback
) -> None:
    assert post(f"https://receiver.test:{tls_receiver.port}/", trusting) == 200
    assert f"host: receiver.test:{tls_receiver.port}".encode() in tls_receiver.requests[0]


def test_a_certificate_of_another_name_is_refused(tls_receiver: Receiver, trusting: HttpCallback) -> None:
    assert failure(f"https://another.test:{tls_receiver.port}/", trusting) is Failure.TLS
    assert tls_receiver.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(tls_receiver: Receiver) -> None:
    callback = HttpCallback(Guard(allow_private=True), at_loopback)
    assert failure(f"https://receiver.test:{tls_receiver.port}/", callback) is Failure.TLS


def test_a_server_that_lets_the_handshake_hang_ends_with_the_deadline(trusting: HttpCallback) -> None:
    callback = HttpCallback(Guard(allow_private=True), at_loopback, seconds=0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert failure(f"https://receiver.test:{silent.getsockname()[1]}/", callback) is Failure.TIMEOUT
