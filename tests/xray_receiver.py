"""X-Ray's daemon on loopback: reads its protocol, one document a datagram, and keeps the documents."""

import json
import socket
from types import TracebackType
from typing import Any, Self

HEADER = {"format": "json", "version": 1}
LARGEST = 65_536


class XrayReceiver:
    """Listens from the moment it is made."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        # On loopback a datagram is there when sending it returns.
        self._socket.setblocking(False)
        self._kept: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        host, port = self._socket.getsockname()
        return f"{host}:{port}"

    def documents(self) -> list[dict[str, Any]]:
        """All so far. Raises AssertionError for a datagram that the daemon would not take."""
        while True:
            try:
                datagram = self._socket.recv(LARGEST)
            except BlockingIOError:
                return self._kept
            header, _, document = datagram.partition(b"\n")
            assert json.loads(header) == HEADER
            self._kept.append(json.loads(document))

    def named(self, name: str) -> dict[str, Any]:
        """The only document of a name."""
        (found,) = (document for document in self.documents() if document["name"] == name)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
