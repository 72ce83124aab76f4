"""A gateway before the deployed API that lets HTTP through and tells of a WebSocket that is not there."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

NOBODY = "ws://127.0.0.1:9/live"
KEPT = ("content-type", "retry-after", "location", "x-request-id")


@contextmanager
def without_websocket(api: str, websocket: str) -> Iterator[str]:
    """The address of the gateway before `api`."""
    with httpx.Client(timeout=60) as http:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(http, api.rstrip("/"), websocket))
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()


def _handler(http: httpx.Client, api: str, websocket: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Quiet."""

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            sign_in = {"authorization": self.headers.get("authorization", "")}
            reply = http.request(self.command, api + self.path, content=body, headers=sign_in)
            told = reply.content.replace(websocket.encode(), NOBODY.encode())
            self.send_response(reply.status_code)
            for name in KEPT:
                if name in reply.headers:
                    self.send_header(name, reply.headers[name])
            self.send_header("content-length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_POST = do_GET

    return Handler
