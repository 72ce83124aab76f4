"""A Sentry on loopback: keeps the envelopes it is sent ("Envelopes" in Sentry's Developer Documentation)."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

KEY = "5e7d5e7d5e7d5e7d5e7d5e7d5e7d5e7d"
PROJECT = "42"
Item = tuple[str, dict[str, Any]]


class SentryReceiver:
    """``items`` are (type, payload), in the order they came; a ``stuck`` one takes connections, no more."""

    def __init__(self, stuck: bool = False) -> None:
        self.items: list[Item] = []
        self.refused: list[str] = []
        self._stuck = stuck
        self._ends = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.dsn = f"http://{KEY}@127.0.0.1:{self._server.server_port}/{PROJECT}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [payload for kind, payload in self.items if kind == "event"]

    @property
    def transactions(self) -> list[dict[str, Any]]:
        return [payload for kind, payload in self.items if kind == "transaction"]

    def take(self, path: str, key: str, body: bytes) -> int:
        if self._stuck:
            self._ends.wait()
        if path != f"/api/{PROJECT}/envelope/" or f"sentry_key={KEY}" not in key:
            self.refused.append(path)
            return 403
        self.items += items_of(body)
        return 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        sentry = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # http.server's name
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                status = sentry.take(self.path, self.headers.get("x-sentry-auth", ""), body)
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # http.server's name
                """Silence."""

        return Handler


def items_of(envelope: bytes) -> list[Item]:
    """A header on a line of its own, then items: a header, and a payload that its length or its line ends."""
    json.loads(envelope.partition(b"\n")[0])
    rest = envelope.partition(b"\n")[2]
    items = []
    while rest.strip():
        line, _, rest = rest.partition(b"\n")
        header = json.loads(line)
        length = header.get("length", len(rest.partition(b"\n")[0]))
        items.append((header["type"], json.loads(rest[:length])))
        rest = rest[length:].removeprefix(b"\n")
    return items
