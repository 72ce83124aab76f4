"""Requests that no client library would send: each gets the documented answer, in the one shape of errors."""

import json
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import Service

JOB = "00000000-0000-4000-8000-000000000000"
STATUS = f"/v1/download/status/{JOB}"
CHECK = "/v1/download/check"
THERE = b'{"file_id": 70000}'


def send(
    service: Service, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """Signed in."""
    return send_bare(service, method, path, body, authorization=f"Bearer {service.token}", **headers)


def send_bare(
    service: Service, method: str, path: str, body: bytes | None = None, **headers: str
) -> tuple[HTTPResponse, bytes]:
    """Past httpx, which would mend the address and the headers."""
    url = urlsplit(service.cloud.outputs["ApiUrl"])
    connection = HTTPConnection(url.netloc, timeout=60)
    connection.putrequest(method, url.path + path)
    for name, value in headers.items():
        connection.putheader(name.replace("_", "-"), value)
    connection.putheader("content-length", str(len(body or b"")))
    connection.endheaders(body or b"")
    reply = connection.getresponse()
    return reply, reply.read()


def assert_refused(reply: HTTPResponse, body: bytes, status: int) -> None:
    assert reply.status == status, body
    assert set(json.loads(body)) == {"error", "requestId"}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "TRACE", "QUERY", "NONSENSE"])
@pytest.mark.parametrize("path", ["/health", STATUS, "/nowhere"])
def test_a_method_without_a_route_is_a_404(service: Service, method: str, path: str) -> None:
    assert_refused(*send(service, method, path), 404)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 404), ("OPTIONS", 204)])
def test_head_has_no_route_and_options_is_the_gateways(service: Service, method: str, status: int) -> None:
    reply, body = send(service, method, "/health")
    assert (reply.status, body) == (status, b"")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/download/%00", 404),
        (f"{STATUS}%00", 404),
        (f"{STATUS}%2Fx", 404),
        (f"{STATUS}/", 404),
        ("/v1/download/status/%ff%fe", 404),
        ("/v1/download/status/%", 422),
        ("/v1/download/status/" + "x" * 8_000, 422),
        (f"{STATUS}?limit=" + "9" * 8_000, 422),
        (f"{STATUS}?%ff=%fe&&=&limit", 422),
        (f"{STATUS}?limit=1&limit=2", 422),
        (f"{STATUS}?limit=%00", 422),
    ],
)
def test_odd_addresses(service: Service, path: str, status: int) -> None:
    assert_refused(*send(service, "GET", path), status)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"\xff\xfe{", 400),
        (b"\x00", 400),
        (THERE.decode().encode("utf-16"), 400),
        (b"[" * 100_000, 400),
        (b'{"file_id":1' + b"0" * 5_000 + b"}", 400),
        (b'{"file_id":1' + b"0" * 4_000 + b"}", 422),
        (b'{"file_id":NaN}', 422),
        (b'{"file_id":1e400}', 422),
        (b'{"file_id":70000,"\\ud800":1}', 422),
        (b'{"file_id":70000,"x\\u0000":1}', 422),
        (b"null", 422),
    ],
)
def test_odd_bodies(service: Service, body: bytes, status: int) -> None:
    assert_refused(*send(service, "POST", CHECK, body), status)


@pytest.mark.parametrize(
    "kind", ["text/xml; charset=utf-16", "multipart/form-data", "application/octet-stream", "\xff"]
)
def test_json_is_read_under_any_content_type(service: Service, kind: str) -> None:
    reply, body = send(service, "POST", CHECK, THERE, content_type=kind)
    assert (reply.status, json.loads(body)["available"]) == (200, True)


def test_of_a_key_that_stands_twice_the_last_counts(service: Service) -> None:
    _, body = send(service, "POST", CHECK, b'{"file_id": 1, "file_id": 70000}')
    assert json.loads(body)["file_id"] == 70000


@pytest.mark.parametrize("key", ["", "\xe9", "x" * 256])
def test_odd_idempotency_keys(service: Service, key: str) -> None:
    reply = send(service, "POST", "/v1/download/initiate", b'{"file_ids": [70000]}', idempotency_key=key)
    assert_refused(*reply, 422)
