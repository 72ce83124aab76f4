"""API Gateway's connections management API as a server on loopback: takes frames, knows who is gone."""

import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import unquote


class SocketApi:
    """``frames`` by connection; connections in ``gone`` answer 410, in ``stuck`` 500, in ``slow`` nothing."""

    def __init__(self) -> None:
        self.frames: dict[str, list[str]] = {}
        self.gone: set[str] = set()
        self.stuck: set[str] = set()
        self.slow: set[str] = set()
        self._ends = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}/live"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ends.set()
        self._server.shutdown()
        self._server.server_close()

    def take(self, connection_id: str, frame: str) -> HTTPStatus:
        if connection_id in self.gone:
            return HTTPStatus.GONE
        if connection_id in self.slow:
            self._ends.wait()
        if connection_id in self.stuck:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        self.frames.setdefault(connection_id, []).append(frame)
        return HTTPStatus.OK

    def close(self, connection_id: str) -> HTTPStatus:
        if connection_id in self.stuck:
            return HTTPStatus.INTERNAL_SERVER_ERROR
        if connection_id in self.gone:
            return HTTPStatus.GONE
        self.gone.add(connection_id)
        return HTTPStatus.NO_CONTENT

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # http.server's name
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                status = api.take(unquote(self.path.rsplit("/", 1)[-1]), body)
                self.send_response(status)
                if status is HTTPStatus.GONE:
                    self.send_header("x-amzn-errortype", "GoneException")
                self.send_header("content-length", "0")
                self.end_headers()

            def do_DELETE(self) -> None:  # http.server's name
                status = api.close(unquote(self.path.rsplit("/", 1)[-1]))
                self.send_response(status)
                if status is HTTPStatus.GONE:
                    self.send_header("x-amzn-errortype", "GoneException")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # http.server's name
                """Silence."""

        return Handler
