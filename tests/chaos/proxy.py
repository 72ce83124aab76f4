"""A proxy between the functions and the emulator, which lets calls pass or does them harm."""

import http.client
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.chaos import messages
from tests.chaos.calls import HOP_BY_HOP, Answer, Call
from tests.chaos.faults import Dice
from tests.chaos.harm import HarmlessError
from tests.chaos.workers import Workers

UPSTREAM_SECONDS = 30


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that was killed, or lost its patience, is no error of the proxy's."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type] # socketserver's own types


class Proxy:
    """Listens on loopback at `url` while it is entered; `harmed` are the S3 paths whose HEAD met a fault."""

    def __init__(self, upstream: str, workers: Workers, dice: Dice) -> None:
        self._upstream = urlsplit(upstream).netloc
        self._workers = workers
        self._dice = dice
        self._server = Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.harmed: list[str] = []

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def handle(self, call: Call) -> Answer | None:
        """The answer, harmed or not; None closes the connection without one."""
        fault = self._dice.fault_of(call)
        if fault and fault.harm:
            # Noted before it is done: while a first hang lasts, no other call is due.
            self._dice.note(fault)
            try:
                answer = fault.harm(call, self)
            except HarmlessError:
                self._dice.take_back(fault)
                return self._pass(call)
            if call.service == "s3":
                self.harmed.append(call.path)
            return answer
        return self._pass(call)

    def forward(self, call: Call) -> Answer:
        connection = http.client.HTTPConnection(self._upstream, timeout=UPSTREAM_SECONDS)
        try:
            connection.request(call.method, call.path, call.body, _kept(dict(call.headers)))
            reply = connection.getresponse()
            return Answer(reply.status, reply.read(), dict(reply.getheaders()))
        finally:
            connection.close()

    def kill(self, call: Call) -> bool:
        return self._workers.kill(call.port)

    def _pass(self, call: Call) -> Answer:
        if call.operation == "SendMessageBatch":
            return messages.send(call, self, self._dice)
        return self.forward(call)


def _kept(headers: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:  # http.server's name
            headers = {name.lower(): value for name, value in self.headers.items()}
            length = int(headers.get("content-length") or 0)
            call = Call(self.command, self.path, headers, self.rfile.read(length), self.client_address[1])
            # A caller that was killed while it sent has asked for nothing.
            answer = proxy.handle(call) if len(call.body) == length else None
            if answer is None:
                self.close_connection = True
            else:
                self._reply(answer)

        do_GET = do_HEAD = do_PUT = do_DELETE = do_POST

        def _reply(self, answer: Answer) -> None:
            headers = answer.headers or {}
            self.send_response(answer.status)
            for name, value in _kept(dict(headers)).items():
                self.send_header(name, value)
            told = {name.lower(): value for name, value in headers.items()}.get("content-length")
            # The length that a HEAD tells is that of a body which does not come.
            self.send_header(
                "content-length", told if self.command == "HEAD" and told else str(len(answer.body))
            )
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler
