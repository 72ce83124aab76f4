"""The installed command as a process of its own: Ctrl-C, pipes, a terminal."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.integration.delineate.fake_jobs import content
from tests.integration.delineate.fake_service import NOBODYS, FakeService

# What runs the tests in the background may have told its children to ignore Ctrl-C.
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
    "from delineate.cli.app import app; app(prog_name='delineate')"
)
COMMAND = [sys.executable, "-c", PROGRAM]
BIG = 200_000


@contextmanager
def start(service: FakeService, *args: str) -> "Iterator[subprocess.Popen[str]]":
    running = subprocess.Popen(
        [*COMMAND, *args],
        env={**os.environ, "DELINEATE_API_URL": service.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with running:
        try:
            yield running
            running.wait(20)
        finally:
            running.kill()


def test_ctrl_c_while_the_command_loads_ends_it_quietly() -> None:
    program = """
import sys
class CtrlC:
    def find_spec(self, name, *_):
        if name == "delineate.cli.app":
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
from delineate.cli.command import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "Stopped.\n")


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_ctrl_c_says_how_to_go_on_and_that_goes_on(
    service: FakeService, tmp_path: Path, flags: list[str]
) -> None:
    service.size = lambda _: BIG
    service.storage.flowing.clear()
    with start(service, "get", "70000", "70007", "--out", str(tmp_path), *flags) as stalled:
        _wait_for(lambda: any(part.stat().st_size for part in tmp_path.glob("*.part")))
        stalled.send_signal(signal.SIGINT)
        stdout, stderr = stalled.communicate(timeout=60)
    job = next(iter(service.jobs))
    again = f"delineate get --job {job} --out {tmp_path}"
    assert stalled.returncode == 130
    assert stderr.endswith(f"Stopped with 0 of 2 files on disk. Pick up again with:\n  {again}\n")
    assert (json.loads(stdout)["again"] if flags else stdout) == (again if flags else "")
    assert list(tmp_path.glob("*.part"))

    service.storage.flowing.set()
    with start(service, *again.split()[1:]) as resumed:
        resumed.communicate(timeout=60)
    assert resumed.returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {".delineate", "70000.zip", "70007.zip"}
    assert (tmp_path / "70000.zip").read_bytes() == content(70000, BIG)
    assert any(service.storage.ranges), "nothing was resumed"


def test_ctrl_c_before_there_is_a_job(service: FakeService, tmp_path: Path) -> None:
    service.before_answer.clear()
    with start(service, "get", "70000", "--out", str(tmp_path)) as waiting:
        assert service.waiting.wait(20)
        waiting.send_signal(signal.SIGINT)
        stdout, stderr = waiting.communicate(timeout=60)
    service.before_answer.set()
    assert (waiting.returncode, stdout, stderr) == (130, "", "Stopped.\n")


def test_ctrl_c_leaves_a_watched_job_alone(service: FakeService) -> None:
    service.halt_at = 1
    job = service.create([70000, 70007])
    with start(service, "watch", job.id) as watching:
        _wait_for(lambda: bool(service.asked["ws subscribe"]))
        watching.send_signal(signal.SIGINT)
        stdout, stderr = watching.communicate(timeout=60)
    assert (watching.returncode, stdout) == (130, "")
    assert stderr.endswith(f"the job goes on. Watch it again with:\n  delineate watch {job.id}\n")
    assert not job.ended


@pytest.mark.parametrize(("no_color", "red"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_errors_are_red_on_terminals_that_want_colours(
    service: FakeService, no_color: dict[str, str], red: bool
) -> None:
    ours, theirs = pty.openpty()
    env = {**os.environ, "DELINEATE_API_URL": service.url, **no_color}
    with subprocess.Popen([*COMMAND, "status", NOBODYS], env=env, stderr=theirs) as shown:
        os.close(theirs)
        screen = _drained(ours)
    assert shown.returncode == 3
    assert ("\x1b[31m" in screen) is red
    assert "JOB_NOT_FOUND" in screen


@pytest.mark.parametrize("width", ["80", "40"])
def test_a_terminal_shows_bars_and_the_end_in_plain_words(
    service: FakeService, tmp_path: Path, width: str
) -> None:
    service.missing = {70007}
    ours, theirs = pty.openpty()
    env = {**os.environ, "DELINEATE_API_URL": service.url, "COLUMNS": width, "LINES": "24", "TERM": "xterm"}
    command = [*COMMAND, "get", "70000", "70007", "--out", str(tmp_path)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=theirs) as shown:
        os.close(theirs)
        screen = _drained(ours)
        assert shown.stdout is not None
        assert shown.stdout.read().decode() == f"{tmp_path / '70000.zip'}\n"
    assert shown.returncode == 1
    for piece in (
        "Prepared",
        "On disk",
        "━",
        "70000.zip",
        "saved",
        "There is no such file in the bucket.",
        "1 of 2 files in",
    ):
        assert piece in screen
    assert "1 of 2 files in" in screen


def _wait_for(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came true")


def _drained(descriptor: int) -> str:
    """All that comes until the other side closes: on Linux that is an error."""
    pieces = []
    try:
        while piece := os.read(descriptor, 1 << 16):
            pieces.append(piece)
    except OSError:
        return b"".join(pieces).decode()
    finally:
        os.close(descriptor)
    return b"".join(pieces).decode()


def test_a_reader_that_goes_away_is_no_traceback(service: FakeService) -> None:
    service.pace, service.batch = 0, 1000
    job = service.create(list(range(70_000, 71_000)))
    _wait_for(lambda: job.ended)
    with start(service, "links", job.id) as piped:
        assert piped.stdout is not None
        assert piped.stderr is not None
        piped.stdout.readline()
        piped.stdout.close()
        assert piped.stderr.read() == ""


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_nobody_reading_what_get_prints_is_no_fault_of_the_disk(
    service: FakeService, tmp_path: Path, flags: list[str]
) -> None:
    with start(service, "get", "70000", "--out", str(tmp_path), *flags) as piped:
        assert piped.stdout is not None
        assert piped.stderr is not None
        piped.stdout.close()
        said = piped.stderr.read()
    assert piped.returncode == 141
    assert (tmp_path / "70000.zip").exists()
    assert "written" not in said
    assert "Traceback" not in said
    assert "Exception" not in said


def test_a_closed_stdin_is_told_in_words(service: FakeService) -> None:
    command = [*COMMAND, "start", "-", "--api", service.url]
    ended = subprocess.run(
        ["sh", "-c", '"$@" <&-', "sh", *command], check=False, capture_output=True, text=True
    )
    assert ended.returncode == 2
    assert "stdin cannot be read: it is closed." in " ".join(ended.stderr.replace("│", " ").split())


def test_a_terminal_is_told_what_is_waited_for(service: FakeService) -> None:
    ours, theirs = pty.openpty()
    command = [*COMMAND, "start", "-", "--api", service.url]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as typed:
        os.close(theirs)
        assert typed.stderr is not None
        assert b"Ctrl-D" in typed.stderr.readline()
        os.write(ours, b"70000\n\x04")
        typed.communicate(timeout=60)
    os.close(ours)
    assert typed.returncode == 0
    assert service.bodies[0]["file_ids"] == [70000]
