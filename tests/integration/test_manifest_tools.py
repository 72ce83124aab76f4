"""Odd names, clashes and broken files: what curl, wget and aria2 themselves make of a manifest."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from downloads.aws.presign import content_disposition
from downloads.file import LinkedFile, SignedUrl, StoredObject
from downloads.manifests.entries import Entry
from downloads.manifests.formats import WRITERS, Format, document
from downloads.names import safe_name, told_apart
from tests.conftest import failed
from tests.tools import bring, brought

NAMES = {
    1: "plain.zip",
    2: "año 日本 €.tar.gz",
    3: "it's #1 {a,b} [1-3] 100%.txt",
    4: "../../escape.txt",
    5: 'quo"te\\back.txt',
    6: "=1+1,cmd|' /C calc'!A0",
    7: "& <b>&amp;</b>.xml",
    8: "same.bin",
    9: "Same.bin",
    10: "-",
    11: "-rf",
    12: "line\r\n out=other.txt",
    13: "$HOME `id` $(id) ~.sh",
    14: "a;b=c#d.txt",
    15: "",
}
BODIES = {file_id: f"body of {file_id}".encode() * file_id for file_id in NAMES}
SAFE = told_apart({file_id: safe_name(name, file_id) for file_id, name in NAMES.items()})


class Store(BaseHTTPRequestHandler):
    """Answers like S3: every file under its Content-Disposition; 404 is refused."""

    def do_GET(self) -> None:
        file_id = int(self.path.partition("?")[0].rsplit("/", 1)[1])
        body = BODIES.get(file_id, b"AccessDenied")
        self.send_response(403 if file_id == 404 else 200)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-disposition", content_disposition(NAMES.get(file_id, "x")))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Store) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def entry(store: str, file_id: int, name: str) -> Entry:
    body = BODIES.get(file_id, b"AccessDenied")
    digest = hashlib.md5(body).hexdigest() if file_id != 500 else "0" * 32  # noqa: S324 # what an ETag is
    stored = StoredObject("key", len(body), digest, etag_is_md5=True)
    # What a presigned URL has in it: percent signs, ampersands, plus and equals signs.
    link = SignedUrl(
        f"{store}/%E6%97%A5/{file_id}?X-Amz-Security-Token=a%2Fb%2B%3D&b=%5B1-9%5D", datetime.now(UTC)
    )
    return Entry(file_id, name, LinkedFile(file_id, stored, link))


def manifest(store: str, format_: str, names: dict[int, str]) -> bytes:
    listed = [entry(store, file_id, name) for file_id, name in names.items()]
    missing = [Entry(70, "failed.zip", failed(70)), Entry(77, "pending.zip", None)]
    text, _ = document(WRITERS[Format(format_)], [missing[0], *listed, missing[1]])
    return text.encode()


@pytest.mark.parametrize("format_", ["aria2", "metalink", "curl"])
def test_every_name_is_the_one_that_was_promised(store: str, tmp_path: Path, format_: str) -> None:
    run = bring(format_, manifest(store, format_, SAFE), tmp_path / "to")
    assert run.returncode == 0, run.stderr
    assert brought(tmp_path / "to") == {SAFE[file_id]: BODIES[file_id] for file_id in NAMES}
    assert run.stdout == b""


def test_wget_names_files_by_their_content_disposition(store: str, tmp_path: Path) -> None:
    run = bring("urls", manifest(store, "urls", SAFE), tmp_path / "to")
    assert run.returncode == 0, run.stderr
    found = brought(tmp_path / "to")
    assert sorted(found.values()) == sorted(BODIES.values())
    assert found["plain.zip"] == BODIES[1]
    assert found["año 日本 €.tar.gz"] == BODIES[2]


@pytest.mark.parametrize("format_", ["aria2", "metalink", "curl", "urls"])
def test_what_is_refused_is_told_and_never_kept(store: str, tmp_path: Path, format_: str) -> None:
    run = bring(format_, manifest(store, format_, {1: "plain.zip", 404: "x"}), tmp_path / "to")
    assert run.returncode != 0
    found = brought(tmp_path / "to")
    if format_ == "metalink":
        # aria2 makes room for a file whose size it knows, and marks it as unfinished by a file beside it.
        assert found.pop("x.aria2")
        assert found.pop("x") == b""
    assert found == {"plain.zip": BODIES[1]}


@pytest.mark.parametrize("format_", ["aria2", "metalink"])
def test_other_bytes_than_promised_are_noticed(store: str, tmp_path: Path, format_: str) -> None:
    run = bring(format_, manifest(store, format_, {500: "x"}), tmp_path / "to")
    assert run.returncode == 32  # aria2's exit status for a wrong checksum
