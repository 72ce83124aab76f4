"""nginx alone: its syntax, TLS to the service, several servers, requests that are none, its log."""

import json
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.sync.client import connect

from infra_cdk import proxy
from infra_cdk.commands import CommandError
from infra_cdk.ports import LOOPBACK, free_port
from infra_cdk.proxy import Front, nginx, run_nginx
from tests.proxies.upstream import Upstream, upstream
from tests.proxying import before

SAMPLE = proxy.SAMPLES / "nginx"
API = "abc.execute-api.eu-central-1.amazonaws.com"
LIVE = "def.execute-api.eu-central-1.amazonaws.com"
JOB = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def serving_as(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def render(*options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, SAMPLE / "render.py", *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_is_wrong_with_an_address_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="'ftp://a' is no address such as"):
        nginx(Front("ftp://a", f"wss://{LIVE}/live", 1, tmp_path))
    with pytest.raises(SystemExit, match="PROXY_PORT is 'abc': a number"):
        proxy.main(tmp_path, "nginx", "abc")
    with pytest.raises(SystemExit, match="PROXY_PORT is '99999': a number from 1 to 65,535"):
        proxy.main(tmp_path, "nginx", "99999")
    with socket.create_server(("127.0.0.1", 0)) as there, pytest.raises(SystemExit, match="is taken"):
        proxy.main(tmp_path, "nginx", str(there.getsockname()[1]))


def as_on_aws(folder: Path, authority: trustme.CA, behind: list[Upstream]) -> Front:
    """A folder whose configuration is AWS's, but for where its names lead."""
    folder.mkdir()
    front = Front(f"https://{API}", f"wss://{LIVE}/live", free_port(), folder)
    authority.cert_pem.write_to_path(folder / "ca.pem")
    servers = [
        option
        for each in behind
        for kind, port in (("api", each.port), ("websocket", each.live_port))
        for option in (f"--{kind}-server", f"{LOOPBACK}:{port}")
    ]
    place = ["--listen", f"{LOOPBACK}:{front.port}", "--trusted", "ca.pem", "--access-log", "access.log"]
    made = render("--api", front.api, "--websocket", front.websocket, *place, *servers)
    assert made.returncode == 0, made.stderr
    (folder / "downloads.conf").write_text(made.stdout)
    shutil.copy(SAMPLE / "nginx.conf", folder)
    return front


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with upstream() as behind:
        front = Front(behind.api, behind.websocket, free_port(), tmp_path_factory.mktemp("nginx") / "it")
        with before(front, nginx(front)):
            yield front


def said(front: Front, request: bytes) -> tuple[str, dict[str, str], bytes]:
    """Status line, headers and body of the answer to bytes that no library would send."""
    with socket.create_connection((LOOPBACK, front.port), timeout=20) as connection:
        connection.sendall(request)
        got = b""
        while chunk := connection.recv(65_536):
            got += chunk
    head, body = got.split(b"\r\n\r\n", 1)
    status, *lines = head.decode().split("\r\n")
    return status, {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}, body


def test_nginx_finds_no_fault_in_what_is_made_for_aws(tmp_path: Path, authority: trustme.CA) -> None:
    with upstream() as behind:
        front = as_on_aws(tmp_path / "aws", authority, [behind, behind])
    done = subprocess.run(
        [*run_nginx(front.folder), "-t"],
        env=proxy.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "test is successful" in done.stderr
    assert "warn" not in done.stderr


def test_every_server_is_used_over_tls_by_the_name_of_the_service(
    tmp_path: Path, authority: trustme.CA
) -> None:
    tls = serving_as(authority, API, LIVE)
    with ExitStack() as stack:
        behind = [stack.enter_context(upstream(tls)) for _ in range(2)]
        front = as_on_aws(tmp_path / "aws", authority, behind)
        stack.enter_context(before(front, run_nginx(front.folder)))
        for _ in range(4):
            told = httpx.get(f"{front.url}/health", trust_env=False).json()
            assert (told["headers"]["host"], told["path"]) == (API, "/health")
        with connect(f"ws://{LOOPBACK}:{front.port}/v1/download/stream/{JOB}", proxy=None) as live:
            assert json.loads(live.recv(timeout=20))["headers"]["host"] == LIVE
        assert all(each.asked for each in behind)


def test_a_server_that_is_not_the_service_is_told_nothing(tmp_path: Path, authority: trustme.CA) -> None:
    with upstream(serving_as(authority, "evil.example")) as behind:
        front = as_on_aws(tmp_path / "aws", authority, [behind])
        with before(front, run_nginx(front.folder)):
            reply = httpx.get(f"{front.url}/health", trust_env=False)
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert behind.asked == []


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nno header\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 20_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: nonsense\r\n\r\n",
    ],
)
def test_a_request_that_is_none_is_told_so_in_the_shape_of_errors(plain: Front, request_: bytes) -> None:
    status, headers, body = said(plain, request_)
    assert status.split(" ")[1] == "400"
    assert json.loads(body)["error"]["code"] == "INVALID_REQUEST"
    assert json.loads(body)["requestId"] == headers["x-request-id"]


def test_whoever_asks_a_websocket_for_a_page_is_told_what_it_is(plain: Front) -> None:
    """RFC 9110, 15.5.22: a 426 names the protocol that is wanted."""
    assert httpx.get(f"{plain.url}/live", trust_env=False).headers["upgrade"] == "websocket"


def test_only_websockets_are_upgraded(plain: Front) -> None:
    asked = {"upgrade": "h2c", "connection": "upgrade, http2-settings", "http2-settings": "x"}
    told = httpx.get(f"{plain.url}/health", headers=asked, trust_env=False).json()["headers"]
    assert {"upgrade", "connection"} & set(told) <= {"connection"}
    assert told.get("connection", "") != "upgrade"


def test_the_page_of_errors_is_no_address(plain: Front) -> None:
    reply = httpx.get(f"{plain.url}/_proxy/503", trust_env=False)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "NOT_FOUND")


def test_the_log_has_the_call_and_its_id_and_no_ticket(plain: Front) -> None:
    httpx.get(f"{plain.url}/v1/x?ticket=secret", headers={"x-request-id": "seen-1"}, trust_env=False)
    with connect(f"ws://{LOOPBACK}:{plain.port}/live?ticket=secret", proxy=None):
        pass
    log = (plain.folder / "access.log").read_text()
    (line,) = (each for each in log.splitlines() if each.endswith(" seen-1"))
    assert '"GET /v1/x" 200 ' in line
    assert "secret" not in log


@pytest.mark.parametrize("api", ["abc", "ftp://abc", "https://a;b", "https://a/b{c", "https://a/b c"])
def test_an_address_that_is_none_is_refused(api: str) -> None:
    done = render("--api", api, "--websocket", "wss://def/live")
    assert done.returncode == 1
    assert f"{api!r} is no address" in done.stderr


@pytest.mark.parametrize("websocket", ["https://def/live", "http://def", "def"])
def test_a_websocket_is_one_by_its_scheme(websocket: str) -> None:
    done = render("--api", "https://abc", "--websocket", websocket)
    assert done.returncode == 1
    assert f"{websocket!r} is no address such as wss://" in done.stderr


@pytest.mark.parametrize("option", ["--rate", "--burst", "--connections"])
@pytest.mark.parametrize("number", ["0", "-1", "many"])
def test_a_limit_that_nginx_would_refuse_is_told_by_its_name(option: str, number: str) -> None:
    done = render("--api", "https://abc", "--websocket", "wss://def", f"{option}={number}")
    assert done.returncode == 2
    assert f"argument {option}" in done.stderr
