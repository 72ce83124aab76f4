"""Receivers of webhooks on loopback, at the level of sockets: they answer what a test scripts."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

Script = Callable[[socket.socket], None]


class Receiver:
    """Takes connections one after another; ``requests`` holds what each had sent before it was answered."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None = None) -> None:
        self._script = script
        self._tls = tls
        self._server = socket.create_server(("127.0.0.1", 0))
        self.requests: list[bytes] = []
        self.port: int = self._server.getsockname()[1]
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        # shutdown wakes the accept that close alone would leave waiting.
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            # A client that goes away in the middle is what some tests are about.
            with connection, suppress(OSError):
                plain = self._tls.wrap_socket(connection, server_side=True) if self._tls else connection
                self.requests.append(_request(plain))
                self._script(plain)


def _request(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65_536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return head + b"\r\n\r\n" + body


def says(answer: bytes) -> Script:
    """Answers these bytes, and the connection ends."""
    return lambda connection: connection.sendall(answer)


def status(code: int, *headers: str) -> Script:
    lines = [f"HTTP/1.1 {code} Because", "content-length: 2", *headers, "", "ok"]
    return says("\r\n".join(lines).encode())
