"""A server in front of a store that does harm to the calls that it is told to, and passes on the others."""

import http.client
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

UPSTREAM_SECONDS = 10


@dataclass(frozen=True)
class Fault:
    """What happens to one call: `wait` seconds, then an answer of `status`, none, or one cut short."""

    status: int | None = None
    close: bool = False
    wait: float = 0
    cut: bool = False


class FaultyServer(ThreadingHTTPServer):
    """Faults are taken one a call, in their order; `asked` counts all calls."""

    daemon_threads = True

    def __init__(self, upstream: str, faults: tuple[Fault, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.faults = deque(faults)
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyServer

    def do_GET(self) -> None:
        self.server.asked += 1
        fault = self.server.faults.popleft() if self.server.faults else Fault()
        time.sleep(fault.wait)
        self.close_connection = True
        if fault.close:
            return
        if fault.status:
            self._answer(fault.status, [("content-length", "0")], b"")
        else:
            self._pass_on(fault)

    do_HEAD = do_GET

    def _pass_on(self, fault: Fault) -> None:
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=UPSTREAM_SECONDS)
        # With the host that was signed for.
        upstream.request(self.command, self.path, headers=dict(self.headers.items()))
        reply = upstream.getresponse()
        body = reply.read()
        upstream.close()
        headers = [pair for pair in reply.getheaders() if pair[0].lower() not in {"connection", "date"}]
        self._answer(reply.status, headers, body[:-1] if fault.cut else body)

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        try:
            self.send_response(status)
            for name, value in [*headers, ("connection", "close")]:
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
        except ConnectionError:
            # The caller lost its patience, as it should.
            self.server.asked += 0

    def log_message(self, format: str, *args: object) -> None:  # http.server's name
        """Silence."""


@contextmanager
def faulty(upstream: str, *faults: Fault) -> Iterator[FaultyServer]:
    """Such a server on loopback, for as long as it is entered."""
    with FaultyServer(upstream, faults) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server
        server.shutdown()
