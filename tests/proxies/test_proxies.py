"""Both proxies, before an API that tells what it was asked: what is sent on, comes back, is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from infra_cdk.ports import free_port
from infra_cdk.proxy import PROXIES, Front
from tests.proxies.upstream import LINK, NEWS, PREFIX, STAGE, Upstream, upstream
from tests.proxying import KINDS, before

JOB = "0f8fad5b-d9cb-469f-a165-70867728950e"
STREAM = f"/v1/download/stream/{JOB}"


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def behind() -> Iterator[Upstream]:
    with upstream() as found:
        yield found


@pytest.fixture(scope="module")
def front(kind: str, behind: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    front = Front(behind.api, behind.websocket, free_port(), tmp_path_factory.mktemp("proxy") / kind)
    with before(front, PROXIES[kind](front)):
        yield front


@pytest.fixture(scope="module")
def http(front: Front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=front.url, timeout=30, trust_env=False) as client:
        yield client


def refused(reply: httpx.Response, status: int, code: str) -> None:
    """In the shape of the service's errors, with the id of the request, and kept nowhere."""
    assert reply.status_code == status, reply.text
    body = reply.json()
    assert set(body) == {"error", "requestId"}
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert body["requestId"] == reply.headers["x-request-id"]
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/v1/download/a%2Fb?x=%2F&x=2", "/docs", "/v1/downloads?cursor=a%3D", "/%F0?&&=&a"]
)
def test_an_address_is_sent_on_as_it_came(http: httpx.Client, path: str) -> None:
    assert http.get(httpx.URL(str(http.base_url).rstrip("/") + path)).json()["path"] == PREFIX + path


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
def test_methods_bodies_and_headers_are_sent_on(http: httpx.Client, method: str) -> None:
    sent = {
        "authorization": "Bearer x",
        "idempotency-key": "k",
        "last-event-id": "3.s",
        "origin": "https://a.example",
    }
    body = b"" if method == "GET" else b"x" * 262_144
    told = http.request(method, "/v1/download/initiate", headers=sent, content=body).json()
    assert (told["method"], told["size"]) == (method, len(body))
    assert sent.items() <= told["headers"].items()


def test_the_service_hears_who_called_and_where(http: httpx.Client, behind: Upstream) -> None:
    lies = {"x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "gopher", "x-forwarded-host": "evil.example"}
    headers = http.get("/health", headers=lies).json()["headers"]
    assert headers["host"] == f"127.0.0.1:{behind.port}"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert (headers["x-forwarded-proto"], headers["x-forwarded-host"]) == (
        "http",
        http.base_url.netloc.decode(),
    )


@pytest.mark.parametrize(
    ("given", "kept"), [("mine-1", True), ('a"b', False), ("", False), ("x" * 129, False)]
)
def test_a_sane_request_id_is_kept_and_another_replaced(http: httpx.Client, given: str, kept: bool) -> None:
    told = http.get("/health", headers={"x-request-id": given} if given else {}).json()["headers"][
        "x-request-id"
    ]
    assert (told == given) is kept
    assert len(told) >= 6


def test_what_the_service_answers_comes_as_it_is(http: httpx.Client) -> None:
    reply = http.get("/broken")
    assert (reply.status_code, reply.json()) == (502, {"message": "the service said so"})
    link = http.get("/link")
    assert (link.status_code, link.headers["location"]) == (302, LINK)


def test_the_entry_document_names_the_proxy(http: httpx.Client, front: Front) -> None:
    assert http.get("/").json() == {"links": {"websocket": f"{front.url.replace('http', 'ws', 1)}/live"}}


def test_events_come_when_they_happen(http: httpx.Client, behind: Upstream) -> None:
    """The first is read before the second is said: nothing on the way waits for more."""
    behind.go_on.clear()
    with http.stream("GET", f"/v1/download/progress/{JOB}") as reply:
        chunks = reply.iter_raw()
        assert next(chunks) == NEWS
        behind.go_on.set()
        assert b"".join(chunks) == NEWS


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{STREAM}?ticket=t-1_x", f"?jobId={JOB}&ticket=t-1_x"),
        (STREAM, f"?jobId={JOB}"),
        (f"{STREAM}?jobId=another&x=1", f"?jobId={JOB}"),
        ("/live?ticket=t&jobId=j", "?ticket=t&jobId=j"),
        ("/live", ""),
    ],
)
def test_a_websockets_path_becomes_the_query_that_the_service_reads(
    front: Front, path: str, query: str
) -> None:
    headers = {"authorization": "Bearer x", "origin": "https://a.example"}
    url = front.url.replace("http", "ws", 1) + path
    with connect(url, additional_headers=headers, proxy=None, open_timeout=20, close_timeout=2) as socket:
        told = json.loads(socket.recv(timeout=20))
        socket.send("hello")
        assert socket.recv(timeout=20) == "hello"
    assert told["path"] == STAGE + query
    assert headers.items() <= told["headers"].items()


def test_a_websocket_that_the_service_refuses_is_refused(
    front: Front, behind: Upstream, kind: str, tmp_path: Path
) -> None:
    """With the service's own status: a client draws a new ticket on a 403."""
    other = Front(behind.api, f"{behind.api}/denied".replace("http", "ws", 1), free_port(), tmp_path / kind)
    with before(other, PROXIES[kind](other)), pytest.raises(InvalidStatus) as caught:
        connect(f"ws://127.0.0.1:{other.port}{STREAM}", proxy=None, open_timeout=20)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("path", [STREAM, "/live"])
def test_a_websockets_address_is_nothing_else(http: httpx.Client, path: str) -> None:
    refused(http.get(path), 426, "UPGRADE_REQUIRED")


def test_what_is_no_job_is_the_services_to_refuse(http: httpx.Client) -> None:
    assert (
        http.get("/v1/download/stream/x%26ticket=1").json()["path"]
        == f"{PREFIX}/v1/download/stream/x%26ticket=1"
    )


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_above_the_services_limit_is_refused_as_it_would_be(http: httpx.Client, chunked: bool) -> None:
    body = b"x" * 262_145
    reply = http.post("/v1/download/initiate", content=iter([body]) if chunked else body)
    refused(reply, 400, "BODY_TOO_LARGE")
    assert http.get("/health").status_code == 200


def test_a_service_that_does_not_answer_is_a_503(http: httpx.Client) -> None:
    reply = http.get("/hang-up", headers={"x-request-id": "mine-2"})
    refused(reply, 503, "SERVICE_UNAVAILABLE")
    assert (reply.json()["requestId"], reply.headers["retry-after"]) == ("mine-2", "2")


def test_trace_is_not_sent_on(http: httpx.Client, behind: Upstream) -> None:
    refused(http.request("TRACE", "/traced"), 405, "METHOD_NOT_ALLOWED")
    assert f"{PREFIX}/traced" not in behind.asked


def test_who_asks_too_often_is_told_when_to_come_back(kind: str, behind: Upstream, tmp_path: Path) -> None:
    front = Front(behind.api, behind.websocket, free_port(), tmp_path / kind)
    with (
        before(front, PROXIES[kind](front, burst=3)),
        httpx.Client(base_url=front.url, trust_env=False) as http,
    ):
        replies = [http.post("/health", content=b"x" * 100_000) for _ in range(9)]
    assert replies[0].status_code == 200
    reply = next(each for each in replies if each.status_code != 200)
    refused(reply, 429, "RATE_LIMITED")
    assert reply.headers["retry-after"] == "1"
