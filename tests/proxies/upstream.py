"""What a proxy of these tests stands before: an API and a WebSocket that tell what they were asked."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from websockets.sync.server import Server, ServerConnection, serve

from infra_cdk.ports import LOOPBACK

PREFIX = "/base"
STAGE = "/live"
LINK = "https://files.example/70000.zip"
NEWS = b"id: 1\ndata: {}\n\n"


@dataclass
class Upstream:
    """`go_on` lets the event stream say its second event; `asked` counts requests."""

    go_on: threading.Event = field(default_factory=threading.Event)
    asked: list[str] = field(default_factory=list)
    port: int = 0
    live_port: int = 0

    @property
    def api(self) -> str:
        return f"http://{LOOPBACK}:{self.port}{PREFIX}"

    @property
    def websocket(self) -> str:
        return f"ws://{LOOPBACK}:{self.live_port}{STAGE}"


def _handler(upstream: Upstream) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            upstream.asked.append(self.path)
            match self.path.removeprefix(PREFIX).split("?")[0].split("/"):
                case ["", "hang-up"]:
                    self.close_connection = True
                case ["", "denied"]:
                    self._answer(403, b"")
                case ["", "link"]:
                    self._answer(302, b"", location=LINK)
                case ["", "broken"]:
                    self._answer(502, b'{"message": "the service said so"}')
                case ["", "v1", "download", "progress", _]:
                    self._stream()
                case ["", ""]:
                    links = {"links": {"websocket": upstream.websocket}}
                    self._answer(200, json.dumps(links, separators=(",", ":")).encode())
                case _:
                    headers = {name.lower(): value for name, value in self.headers.items()}
                    told = {"method": self.command, "path": self.path, "headers": headers, "size": len(body)}
                    self._answer(200, json.dumps(told).encode())

        do_GET = do_POST = do_DELETE = do_PUT = do_TRACE = handle_any  # names that http.server looks for

        def _answer(self, status: int, body: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(NEWS)
            upstream.go_on.wait(30)
            self.wfile.write(NEWS)
            self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # http.server's name
            """Silence."""

    return Handler


def _tell(socket: ServerConnection) -> None:
    """Where it came by and with what, then back whatever is said."""
    assert socket.request
    headers = {name.lower(): value for name, value in socket.request.headers.raw_items()}
    socket.send(json.dumps({"path": socket.request.path, "headers": headers}))
    for message in socket:
        socket.send(message)


@contextmanager
def upstream(tls: ssl.SSLContext | None = None) -> Iterator[Upstream]:
    """Both servers on loopback, until the block ends."""
    found = Upstream()
    http = ThreadingHTTPServer((LOOPBACK, 0), _handler(found))
    http.daemon_threads = True
    if tls:
        http.socket = tls.wrap_socket(http.socket, server_side=True)
    live: Server = serve(_tell, LOOPBACK, 0, ssl=tls)
    found.port, found.live_port = http.server_address[1], live.socket.getsockname()[1]
    for server in (http, live):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    found.go_on.set()
    for server in (http, live):
        server.shutdown()
    http.server_close()
