"""The deployed stack behind each proxy, one origin: every call, the older contract's WebSocket and events."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from delineate import Client
from downloads.http import MAX_BODY_BYTES
from downloads.model import Job
from infra_cdk import samples
from infra_cdk.ports import free_port
from infra_cdk.proxy import PROXIES, Front
from tests.e2e.conftest import TERMINAL, Service, hear, say
from tests.e2e.progress_stream import answers, check
from tests.events import Event, parse
from tests.proxying import KINDS, before

UNKNOWN = "00000000-0000-4000-8000-000000000000"
INITIATE = "/v1/download/initiate"
# Of the moment, of one answer, or of a connection; the rest is the same, whoever is asked.
MAY_DIFFER = {
    "date",
    "apigw-requestid",
    "server",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "vary",
    "ratelimit-remaining",
    "ratelimit-reset",
}


@pytest.fixture(scope="module", params=KINDS)
def front(
    request: pytest.FixtureRequest, service: Service, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    outputs, kind = service.cloud.outputs, str(request.param)
    folder = tmp_path_factory.mktemp("proxy") / kind
    front = Front(outputs["ApiUrl"], outputs["WebSocketUrl"], free_port(), folder)
    with before(front, PROXIES[kind](front)):
        yield front


@pytest.fixture(scope="module")
def proxied(service: Service, front: Front) -> Iterator[Service]:
    """The service as whoever knows the proxy alone sees it."""
    with httpx.Client(base_url=front.url, headers=service.http.headers, timeout=120, trust_env=False) as http:
        yield replace(service, http=http)


def live(front: Front, path: str, **headers: str) -> ClientConnection:
    url = front.url.replace("http", "ws", 1) + path
    return connect(url, additional_headers=headers, proxy=None, open_timeout=20, close_timeout=2)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/health", None),
        ("GET", "/docs", None),
        ("GET", "/openapi.json", None),
        ("GET", f"/v1/download/status/{UNKNOWN}", None),
        ("GET", "/v1/download/status/x?limit=1&limit=2", None),
        ("GET", f"/v1/download/{UNKNOWN}%2Fx", None),
        ("GET", "/v1/downloads?cursor=a%3D", None),
        ("GET", "/nowhere", None),
        ("PUT", INITIATE, b"{}"),
        ("POST", INITIATE, b"{"),
        ("POST", INITIATE, b'{"file_ids": [1]}'),
        pytest.param("POST", INITIATE, b"[" + b" " * MAX_BODY_BYTES + b"]", id="too large"),
        ("POST", "/v1/download/check", b'{"file_id": 70000}'),
        ("OPTIONS", INITIATE, None),
        ("HEAD", "/health", None),
    ],
)
def test_every_answer_is_the_services_own(
    service: Service, proxied: Service, method: str, path: str, body: bytes | None
) -> None:
    asked = {
        "x-request-id": "same-1",
        "origin": "https://app.example",
        "access-control-request-method": "POST",
    }
    direct, through = (
        each.http.request(method, path, content=body, headers=asked) for each in (service, proxied)
    )
    assert (through.status_code, through.text) == (direct.status_code, direct.text)
    # Of a body that is too large the service never hears: the proxy says the same, in fewer headers.
    assert len(body or b"") > MAX_BODY_BYTES or told(through) == told(direct)
    assert through.headers.get("x-request-id") == direct.headers.get("x-request-id")


def told(reply: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in reply.headers.items() if name not in MAY_DIFFER}


def test_without_a_token_it_is_the_gateways_401(front: Front) -> None:
    assert httpx.get(f"{front.url}/v1/downloads", trust_env=False).status_code == 401


def test_a_job_goes_its_whole_way(proxied: Service) -> None:
    job_id = proxied.initiate([70000, samples.MISSING])
    assert [file["status"] for file in proxied.ended(job_id)["files"]] == ["completed", "failed"]
    assert job_id in {job["jobId"] for job in proxied.http.get("/v1/downloads").json()["jobs"]}
    (link,) = [
        each for each in proxied.http.get(f"/v1/download/{job_id}").json()["files"] if "downloadUrl" in each
    ]
    found = proxied.http.get(f"/v1/download/{job_id}", params={"file_id": 70000, "redirect": "true"})
    assert found.status_code == 302
    assert httpx.get(found.headers["location"]).content == httpx.get(link["downloadUrl"]).content
    assert proxied.http.get(f"/v1/download/{job_id}/deliveries").status_code == 200
    assert proxied.http.post(f"/v1/download/{job_id}/retry").status_code == 202
    proxied.ended(job_id)
    assert proxied.http.delete(f"/v1/download/{job_id}").status_code == 409


@pytest.mark.parametrize("by", ["ticket", "token"])
def test_the_older_websocket_follows_a_job_to_its_end(proxied: Service, front: Front, by: str) -> None:
    """`WS /v1/download/stream/{jobId}`: nothing has to be said to hear of the job."""
    job_id = proxied.initiate(sorted(samples.SIZES))
    query = f"?ticket={proxied.ticket(job_id)}" if by == "ticket" else ""
    headers = {} if query else {"authorization": f"Bearer {proxied.token}"}
    with live(front, f"/v1/download/stream/{job_id}{query}", **headers) as socket:
        while (frame := hear(socket))["status"] not in TERMINAL:
            assert frame["jobId"] == job_id
        say(socket, "ping")
        while hear(socket)["type"] != "pong":
            pass
    assert frame["status"] == "completed"


def test_a_ticket_opens_its_own_job_alone(proxied: Service, front: Front, idle: Job) -> None:
    """Whatever the query says: the job is that of the path."""
    other = proxied.initiate([70000])
    ticket = proxied.ticket(idle.job_id)
    with pytest.raises(InvalidStatus) as caught:
        live(front, f"/v1/download/stream/{other}?ticket={ticket}&jobId={idle.job_id}")
    assert caught.value.response.status_code == 403


def test_the_older_event_stream_follows_a_job_to_its_end(proxied: Service) -> None:
    """`GET /v1/download/progress/{jobId}`, as EventSource does it."""
    job_id = proxied.initiate(list(range(62_000, 62_100)))
    events: list[Event] = []
    for reply in answers(proxied, job_id):
        assert reply.headers["content-type"].startswith("text/event-stream")
        events += parse(reply.text)
    check(events, job_id, proxied)


def test_a_client_that_knows_the_proxy_alone_gets_its_files(
    proxied: Service, front: Front, tmp_path_factory: pytest.TempPathFactory
) -> None:
    links = proxied.http.get("/").json()["links"]
    assert links["websocket"] == f"{front.url.replace('http', 'ws', 1)}/live"
    with live(front, "/live", authorization=f"Bearer {proxied.token}") as socket:
        say(socket, "ping")
        assert hear(socket) == {"type": "pong"}
    folder = tmp_path_factory.mktemp("files")
    with Client(front.url, token=proxied.token) as client:
        report = client.jobs.create([70000, 70007]).download(to=folder)
    assert report.complete
    assert {path.name for path in folder.glob("*.zip")} == {"70000.zip", "70007.zip"}
