"""A small object store on loopback: Range, If-Range, ETags, expiring links, and faults on order."""

import hashlib
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

BLOCK = 1 << 14


class QuietServer(ThreadingHTTPServer):
    """A client that goes away in mid-answer is what some tests are about, not worth a traceback."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # handed on as it came


class Serving:
    """Serves ``_server`` for as long as the block lasts."""

    _server: QuietServer

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Object:
    body: bytes
    etag: str = ""
    # Answers that break off after so many bytes, one entry an answer.
    truncate: list[int] = field(default_factory=list)
    # Statuses to answer with first, one entry an answer.
    refuse: list[int] = field(default_factory=list)
    # Claims its length in no header, and ends by closing.
    lengthless: bool = False
    ignores_if_range: bool = False
    tells_etag: bool = True
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.etag = self.etag or hashlib.md5(self.body, usedforsecurity=False).hexdigest()


class FakeStorage(Serving):
    """`objects` by path; `asked` counts requests, `ranges` and `conditions` keep their Range and If-Range."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self.asked: Counter[str] = Counter()
        self.ranges: list[str | None] = []
        self.conditions: list[str | None] = []
        self.headers: list[dict[str, str]] = []
        # Links with these signatures have expired.
        self.expired: set[str] = set()
        # Cleared: every answer stalls after its first block, until it is set.
        self.flowing = threading.Event()
        self.flowing.set()
        self.stalled = threading.Event()
        self.bytes_a_second: float | None = None
        self._server = QuietServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flowing.set()
        super().__exit__(kind, fault, trace)

    def put(self, name: str, body: bytes, **traits: object) -> str:
        self.objects[name] = Object(body, **traits)  # type: ignore[arg-type] # traits are Object's fields
        return self.link(name)

    def link(self, name: str, signature: str = "fresh") -> str:
        return f"{self.url}/{name}?X-Amz-Signature={signature}"


def _handler(storage: FakeStorage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            name = parts.path.lstrip("/")
            storage.asked[name] += 1
            storage.ranges.append(self.headers.get("range"))
            storage.conditions.append(self.headers.get("if-range"))
            storage.headers.append({name.lower(): value for name, value in self.headers.items()})
            signature = parse_qs(parts.query).get("X-Amz-Signature", [""])[0]
            found = storage.objects.get(name)
            if signature in storage.expired:
                return self._plain(403)
            if found is None:
                return self._plain(404)
            if found.refuse:
                return self._plain(found.refuse.pop(0))
            return self._send(found)

        def _plain(self, status: int, **headers: str) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", "0")
            self.end_headers()

        def _offset(self, found: Object) -> int:
            asked, condition = self.headers.get("range"), self.headers.get("if-range")
            if not asked or (condition not in (None, f'"{found.etag}"') and not found.ignores_if_range):
                return 0
            return int(asked.removeprefix("bytes=").rstrip("-"))

        def _send(self, found: Object) -> None:
            offset, length = self._offset(found), len(found.body)
            if offset and offset >= length:
                return self._plain(416, content_range=f"bytes */{length}")
            self.send_response(206 if offset else 200)
            if found.tells_etag:
                self.send_header("etag", f'"{found.etag}"')
            for name, value in found.headers.items():
                self.send_header(name, value)
            if offset:
                self.send_header("content-range", f"bytes {offset}-{length - 1}/{length}")
            if found.lengthless:
                self.close_connection = True
            else:
                self.send_header("content-length", str(length - offset))
            self.end_headers()
            return self._body(found, offset)

        def _body(self, found: Object, offset: int) -> None:
            end = min(found.truncate.pop(0), len(found.body)) if found.truncate else len(found.body)
            for start in range(offset, end, BLOCK):
                self.wfile.write(found.body[start : min(start + BLOCK, end)])
                if storage.bytes_a_second:
                    time.sleep(BLOCK / storage.bytes_a_second)
                if not storage.flowing.is_set():
                    storage.stalled.set()
                    storage.flowing.wait(20)
            if end < len(found.body):
                self.close_connection = True

    return Handler
