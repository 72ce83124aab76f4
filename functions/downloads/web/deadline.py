"""One deadline for all that a call does, and a socket that keeps to it and to a number of bytes."""

import io
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

Answer = TypeVar("Answer")


class Deadline:
    """So many seconds from now, by the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises TimeoutError when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def within(self, call: Callable[[], Answer]) -> Answer:
        """The answer of a call that knows no timeout itself, such as getaddrinfo. Raises TimeoutError.

        A call that is late ends by itself, in a thread that nobody waits for.
        """
        answer: Future[Answer] = Future()

        def run() -> None:
            try:
                answer.set_result(call())
            except (OSError, ValueError) as error:
                answer.set_exception(error)

        Thread(target=run, daemon=True).start()
        return answer.result(self.left())


class TimedSocket:
    """What http.client needs of a socket: steps end by the deadline, reads after ``most`` bytes."""

    def __init__(self, sock: socket.socket, deadline: Deadline, most: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self._most = most

    def sendall(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._deadline.left())
            rest = rest[self._sock.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 # http.client's call: always "rb"
        return io.BufferedReader(_Answer(self._sock, self._deadline, self._most))

    def close(self) -> None:
        self._sock.close()


class _Answer(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline, most: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # a narrower buffer than typeshed's
        self._sock.settimeout(self._deadline.left())
        got = self._sock.recv_into(buffer, min(len(buffer), self._left)) if self._left else 0
        self._left -= got
        return got
