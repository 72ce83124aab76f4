"""Servers on loopback: what Prometheus scrapes, what Alertmanager calls, and those two themselves."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from infra_cdk.ports import LOOPBACK

Answer = tuple[int, str]


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Served:
    """A server of a test's own, and what it was asked."""

    port: int
    calls: list[Call] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"


@contextmanager
def serving(answer: Callable[[Call], Answer]) -> Iterator[Served]:
    """Answers every request by what `answer` says, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, headers, body)
            served.calls.append(call)
            status, text = answer(call)
            self.send_response(status)
            self.send_header("content-type", "text/plain; version=0.0.4")
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = handle_any  # names that http.server looks for

        def log_message(self, format: str, *args: object) -> None:  # the name is http.server's
            """Not a word: the test says what matters."""

    server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
    served = Served(server.server_port)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@contextmanager
def running(command: list[str], folder: Path, ready_at: str) -> Iterator[str]:
    """A process that is ready when its address answers 200; ended with the block."""
    log = folder / "log"
    with log.open("w") as out, subprocess.Popen(command, cwd=folder, stdout=out, stderr=out) as process:
        try:
            until(lambda: _answers(process, ready_at, log), 20)
            yield ready_at.rpartition("/-/")[0]
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _answers(process: "subprocess.Popen[bytes]", url: str, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return httpx.get(url, timeout=2).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def until(holds: Callable[[], bool], seconds: float) -> None:
    """Waits for what must come true.

    Raises:
        TimeoutError: it did not.
    """
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.1)
