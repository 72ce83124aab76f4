"""A gateway before the deployed API: HTTP gets through, a WebSocket does not, and events only if wanted."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

NOBODY = "ws://127.0.0.1:9/live"
HANDED_ON = ("authorization", "last-event-id")
KEPT = ("content-type", "retry-after", "location", "x-request-id")


@contextmanager
def without_websocket(api: str, websocket: str, events: bool = True) -> Iterator[str]:
    """The address of the gateway before `api`; it knows no streams of events unless `events`."""
    with httpx.Client(timeout=60) as http:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(http, api.rstrip("/"), websocket, events))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()


def _handler(http: httpx.Client, api: str, websocket: str, events: bool) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            if "/progress/" in self.path and not events:
                return self.send_error(404)
            handed_on = {name: self.headers[name] for name in HANDED_ON if name in self.headers}
            reply = http.request(self.command, api + self.path, content=body, headers=handed_on)
            told = reply.content.replace(websocket.encode(), NOBODY.encode())
            self.send_response(reply.status_code)
            for name in KEPT:
                if name in reply.headers:
                    self.send_header(name, reply.headers[name])
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)
            return None

        do_POST = do_GET

    return Handler
