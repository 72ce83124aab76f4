"""What the proxy of `make chaos` forwards to, in its tests."""

from http.server import BaseHTTPRequestHandler

SIZE = 42


class Emulator(BaseHTTPRequestHandler):
    """Answers every call, and remembers it."""

    protocol_version = "HTTP/1.1"
    calls: list[str]

    def do_POST(self) -> None:  # http.server's name
        self.rfile.read(int(self.headers["content-length"]))
        self.calls.append(self.headers["x-amz-target"])
        self.send_response(200)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def do_HEAD(self) -> None:  # http.server's name
        self.calls.append(self.path)
        self.send_response(200)
        self.send_header("content-length", str(SIZE))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""
