"""The local stand-in for CloudFront's edge: `edge.py PORT GATEWAY_PORT DOMAIN`, standard library only.

The emulator serves the deployed distribution, with its headers, to whoever asks for its name by https; no
browser can, as d….cloudfront.net is a name of AWS. This passes requests on under that name, and nothing else.
"""

import http.client
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

LOOPBACK = "127.0.0.1"
TIMEOUT_SECONDS = 30
PASSED_ON = ("accept", "if-none-match", "if-modified-since")
# Of one connection, not of the answer; and what this server says itself.
OF_A_CONNECTION = {"connection", "transfer-encoding", "keep-alive", "content-length", "date", "server"}


class Edge(BaseHTTPRequestHandler):
    """Asks the emulator for the distribution named `domain`, as a viewer who came by https."""

    protocol_version = "HTTP/1.1"

    def __init__(self, gateway_port: int, domain: str, *args: object) -> None:
        self._gateway_port = gateway_port
        self._domain = domain
        super().__init__(*args)  # type: ignore[arg-type] # what socketserver gives every handler

    def do_GET(self) -> None:
        """Pass the request on. 502 where the emulator does not answer."""
        try:
            status, headers, body = self._fetch()
        except OSError:
            self.send_error(http.HTTPStatus.BAD_GATEWAY, "the local cloud does not answer")
            return
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in OF_A_CONNECTION:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # http.server's name

    def _fetch(self) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self._gateway_port, timeout=TIMEOUT_SECONDS)
        kept = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        try:
            viewer = {"host": self._domain, "x-forwarded-proto": "https"}
            connection.request("GET", self.path, headers={**kept, **viewer})
            reply = connection.getresponse()
            return reply.status, reply.getheaders(), reply.read()
        finally:
            connection.close()

    def log_message(self, format: str, *args: object) -> None:  # http.server's name
        """Silence: the emulator's log has it."""


def edge(port: int, gateway_port: int, domain: str) -> ThreadingHTTPServer:
    """A server on loopback; port 0 is any that is free. Raises OSError where the port is taken."""
    return ThreadingHTTPServer((LOOPBACK, port), partial(Edge, gateway_port, domain))


if __name__ == "__main__":
    with edge(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]) as server:
        server.serve_forever()
