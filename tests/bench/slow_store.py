"""An S3 server that has every file, takes its time over each HEAD, and counts how many it has in hand."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class Watch:
    """HEADs in hand, the most of them at once, and when the first began and the last ended (seconds)."""

    in_hand: int = 0
    most: int = 0
    answered: int = 0
    first: float = 0.0
    last: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def seconds(self) -> float:
        return self.last - self.first

    def begin(self) -> None:
        with self.lock:
            self.first = self.first or time.monotonic()
            self.in_hand += 1
            self.most = max(self.most, self.in_hand)

    def end(self) -> None:
        with self.lock:
            self.in_hand -= 1
            self.answered += 1
            self.last = time.monotonic()


class SlowStore:
    """``url`` is its endpoint; ``watch`` may be replaced between two measurements."""

    def __init__(self, delay_s: float) -> None:
        self.watch = Watch()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler(delay_s))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def serving(self) -> Iterator["SlowStore"]:
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(timeout=5)

    def _handler(store, delay_s: float) -> type[BaseHTTPRequestHandler]:  # noqa: N805 # its own self is the request's
        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:  # http.server's name
                watch = store.watch
                watch.begin()
                time.sleep(delay_s)
                self.send_response(200)
                self.send_header("Content-Length", "1000")
                self.send_header("ETag", '"0123456789abcdef0123456789abcdef"')
                self.end_headers()
                watch.end()

            def log_message(self, *_: Any) -> None:
                """Says nothing: a line a request would be thousands."""

        return Answer
