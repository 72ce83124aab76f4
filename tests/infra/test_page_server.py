"""The local stand-in for CloudFront's edge, before a gateway that answers what it is asked."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from infra_cdk import emulator_gaps
from infra_cdk.edge import edge
from infra_cdk.page_build import put_page
from infra_cdk.page_server import PageServer
from infra_cdk.ports import free_port, is_free
from infra_cdk.server import StartError


class Gateway(BaseHTTPRequestHandler):
    """Answers with what it was asked, and a header of its own."""

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, **{k.lower(): v for k, v in self.headers.items()}}).encode()
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("content-security-policy", "default-src 'none'")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # http.server's name
        """Silence."""


@pytest.fixture
def gateway() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def page(gateway: int) -> Iterator[str]:
    with edge(0, gateway, "d1.cloudfront.net") as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_distribution_is_asked_by_its_name_as_if_by_https(page: str) -> None:
    reply = httpx.get(f"{page}/assets/a.js?x=1", headers={"cookie": "s=1", "if-none-match": '"e"'})
    asked = reply.json()
    assert asked["path"] == "/assets/a.js?x=1"
    assert (asked["host"], asked["x-forwarded-proto"]) == ("d1.cloudfront.net", "https")
    assert asked["if-none-match"] == '"e"'
    assert "cookie" not in asked
    assert reply.headers["content-security-policy"] == "default-src 'none'"


def test_the_answer_is_the_distributions(page: str) -> None:
    assert httpx.get(f"{page}/missing").status_code == 404
    head = httpx.head(page)
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert httpx.post(page).status_code == 501


def test_a_cloud_that_is_gone_is_told() -> None:
    with edge(0, free_port(), "d1.cloudfront.net") as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert httpx.get(f"http://127.0.0.1:{server.server_port}").status_code == 502
        server.shutdown()


def test_a_page_server_is_started_and_stopped_by_whoever_has_its_folder(tmp_path: Path, gateway: int) -> None:
    address = PageServer(tmp_path).start(gateway, "d1.cloudfront.net", free_port())
    assert httpx.get(address).json()["host"] == "d1.cloudfront.net"
    PageServer(tmp_path).stop()
    assert is_free(int(address.rpartition(":")[2]))
    PageServer(tmp_path).stop()  # nothing is there any more, and nothing happens


def test_a_port_that_is_taken_is_told_and_left_alone(tmp_path: Path, gateway: int) -> None:
    with pytest.raises(StartError, match=f"port {gateway} is taken"):
        PageServer(tmp_path).start(gateway, "d1.cloudfront.net", gateway)
    assert not is_free(gateway)


class Bucket:
    """S3, as far as a page needs it."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[str, str, bytes]] = {}
        self.policy = ""

    def put_object(
        self,
        Bucket: str,  # noqa: N803 # boto3 has it so
        Key: str,  # noqa: N803
        Body: bytes,  # noqa: N803
        ContentType: str,  # noqa: N803
        CacheControl: str,  # noqa: N803
    ) -> None:
        self.objects[Key] = (ContentType, CacheControl, Body)

    def get_bucket_policy(self, Bucket: str) -> dict[str, str]:  # noqa: N803 # boto3 has it so
        return {"Policy": self.policy}

    def put_bucket_policy(self, Bucket: str, Policy: str) -> None:  # noqa: N803 # boto3 has it so
        self.policy = Policy


def test_the_build_is_uploaded_with_its_types_and_the_stacks_settings(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html>")
    (tmp_path / "config.json").write_text("of a developer's own")
    (tmp_path / "assets" / "a.js").write_text("1")
    bucket = Bucket()
    put_page(bucket, "page", tmp_path, {"apiUrl": "http://api.example"})  # type: ignore[arg-type] # as far as a page needs it
    # In this order: index.html must find what it names.
    assert [(key, kind, kept) for key, (kind, kept, _) in bucket.objects.items()] == [
        ("assets/a.js", "text/javascript", "public, max-age=31536000, immutable"),
        ("config.json", "application/json", "no-cache"),
        ("index.html", "text/html", "no-cache"),
    ]
    assert json.loads(bucket.objects["config.json"][2]) == {"apiUrl": "http://api.example"}


def test_what_the_emulator_takes_for_plain_http_is_let_in_and_nobody_else() -> None:
    bucket = Bucket()
    cloudfront = {"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}}
    bucket.policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}, cloudfront]})
    emulator_gaps.let_cloudfront_read(bucket, "page")
    assert json.loads(bucket.policy) == {"Version": "2012-10-17", "Statement": [cloudfront]}


def test_where_no_page_runs_the_command_that_starts_it_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "infra_cdk.demo_web", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "no demo page is running: `make demo-web` starts it\n")
