"""Killing by socket hits the worker that holds it, and no process that is none."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos.workers import Workers

CALLER = """
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[-2])))
connection.recv(1)
"""


@contextmanager
def caller(folder: Path, script: str) -> Iterator[tuple["subprocess.Popen[bytes]", int]]:
    """A child of this process that runs `script` and is connected; and its port."""
    path = folder / script
    path.write_text(CALLER)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        # The emulator starts its workers with the script as the last word.
        process = subprocess.Popen([sys.executable, "-c", CALLER, port, str(path)])
        connection, (_, its_port) = server.accept()
        with connection:
            yield process, its_port
            process.kill()
            process.wait()


def test_the_worker_that_calls_is_killed(tmp_path: Path) -> None:
    with caller(tmp_path, "_worker.py") as (worker, port), caller(tmp_path, "_worker.py") as (other, _):
        assert Workers(os.getpid()).kill(port)
        assert worker.wait(10) == -9
        assert other.poll() is None


@pytest.mark.parametrize("script", ["ministack", "supervisor.py", "a_worker.py.txt"])
def test_what_is_no_worker_lives(tmp_path: Path, script: str) -> None:
    with caller(tmp_path, script) as (process, port):
        assert not Workers(os.getpid()).kill(port)
        assert process.poll() is None


def test_a_worker_of_another_emulator_lives(tmp_path: Path) -> None:
    with caller(tmp_path, "_worker.py") as (worker, port), caller(tmp_path, "ministack") as (emulator, _):
        assert not Workers(emulator.pid).kill(port)
        assert worker.poll() is None
