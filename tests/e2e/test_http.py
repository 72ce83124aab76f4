"""The HTTP edge of the deployed stack: what API Gateway and the functions answer together."""

import httpx
import pytest

from tests.e2e.conftest import Service

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_health_and_root(service: Service) -> None:
    health = service.http.get("/health")
    assert (health.status_code, health.json()["status"]) == (200, "healthy")
    root = service.http.get("/").json()
    assert root["links"]["websocket"] == service.websocket_url
    for name in ("docs", "openapi", "health"):
        assert service.http.get("/" + root["links"][name]).status_code == httpx.codes.OK


@pytest.mark.parametrize("path", ["/", "/health", "/nowhere", f"/v1/download/status/{UNKNOWN}"])
def test_every_reply_has_a_request_id_and_the_standard_headers(service: Service, path: str) -> None:
    reply = service.http.get(path, headers={"x-request-id": "mine-1"})
    assert reply.headers["x-request-id"] == "mine-1"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["x-frame-options"] == "DENY"
    assert "strict-transport-security" in reply.headers


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", f"/v1/download/status/{UNKNOWN}", 404),
        ("GET", f"/v1/download/{UNKNOWN}", 404),
        ("DELETE", f"/v1/download/{UNKNOWN}", 404),
        ("GET", "/v1/download/status/x", 422),
        ("GET", "/v1/download/initiate", 405),
        ("PUT", "/v1/download/initiate", 404),
        ("POST", "/health", 404),
    ],
)
def test_errors_have_one_shape(service: Service, method: str, path: str, status: int) -> None:
    reply = service.http.request(method, path)
    assert reply.status_code == status
    assert set(reply.json()) == {"error", "requestId"}
    assert reply.json()["requestId"] == reply.headers["x-request-id"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 422),
        (b'{"file_ids": [true]}', 422),
        (b'{"file_ids": [70000], "x": 1}', 422),
        (b"\xff\xfe", 400),
        (b'{"file_ids": [70000], "x": "' + b"x" * 300_000 + b'"}', 400),
    ],
)
def test_bad_bodies(service: Service, body: bytes, status: int) -> None:
    reply = service.http.post("/v1/download/initiate", content=body)
    assert reply.status_code == status
    assert set(reply.json()) == {"error", "requestId"}


def test_a_browser_of_another_origin_may_call(service: Service) -> None:
    asked = service.http.options(
        "/v1/download/initiate",
        headers={"origin": "https://app.example.com", "access-control-request-method": "POST"},
    )
    assert asked.headers["access-control-allow-origin"] == "*"
    answered = service.http.get("/health", headers={"origin": "https://app.example.com"})
    assert answered.headers["access-control-allow-origin"] == "*"
    assert "x-request-id" in answered.headers["access-control-expose-headers"].lower()


def test_check_and_start(service: Service) -> None:
    check = service.http.post("/v1/download/check", json={"file_id": 70000}).json()
    assert (check["available"], check["s3Key"]) == (True, "downloads/70000.zip")
    start = service.http.post("/v1/download/start", json={"file_id": 70000}).json()
    assert len(httpx.get(start["downloadUrl"]).content) == start["size"] == check["size"]
