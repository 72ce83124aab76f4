"""Processes: ended as a group, never by number alone, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from infra_cdk import supervisor
from infra_cdk.emulator import Emulator
from infra_cdk.ports import free_port
from infra_cdk.processes import end_group, start_time
from infra_cdk.server import Running, StartError

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# A process that starts another one, tells its number, and waits.
FAMILY = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)\n"
)


@pytest.fixture
def family() -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, start_new_session=True)
    with process:
        yield process
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def test_a_process_has_a_start_time_while_it_runs(family: "subprocess.Popen[bytes]") -> None:
    assert start_time(family.pid) == start_time(family.pid) is not None
    os.killpg(family.pid, signal.SIGKILL)
    assert eventually(lambda: start_time(family.pid) is None)


def test_ending_a_group_ends_its_children(family: "subprocess.Popen[bytes]") -> None:
    assert family.stdout
    child = int(family.stdout.readline())
    end_group(family.pid)
    assert eventually(lambda: start_time(family.pid) is None and start_time(child) is None)


@pytest.mark.parametrize("group", [-1, 0, 1])
def test_a_group_that_is_more_than_ours_is_never_ended(group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "killpg", lambda *_: pytest.fail("sent a signal"))
    with pytest.raises(ValueError, match="nothing that was started here"):
        end_group(group)


def test_a_process_that_only_took_the_number_is_left_alone(
    family: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    emulator = Emulator(tmp_path)
    emulator.remember(Running(family.pid, "another time", 1))
    assert emulator.stop() is False
    assert start_time(family.pid) is not None


def test_an_emulator_that_does_not_start_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho the port is taken\nexit 1\n")
    python.chmod(0o755)
    emulator = Emulator(tmp_path)
    with pytest.raises(StartError, match=r"(?s)ended at once.*the port is taken"):
        emulator.start(python, free_port(), attached=False)
    assert not emulator.temporary.exists()
    assert emulator.find() is None


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_a_supervised_command_ends_with_its_parent_however_that_ends(
    tmp_path: Path, end: signal.Signals
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    parent_code = (
        "import subprocess, sys, time\n"
        f"command = [sys.executable, {supervisor.__file__!r}, {str(folder)!r}]\n"
        f"command += [sys.executable, '-c', {FAMILY!r}]\n"
        "child = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        group, grandchild = int(parent.stdout.readline()), int(parent.stdout.readline())
        parent.send_signal(end)
        parent.wait()
        assert eventually(lambda: start_time(group) is None and start_time(grandchild) is None)
    assert eventually(lambda: not folder.exists())


def test_a_supervisor_ends_with_the_status_of_its_command(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit(7)"]
    supervised = [sys.executable, supervisor.__file__, str(tmp_path), *command]
    with subprocess.Popen(supervised, stdin=subprocess.PIPE, start_new_session=True) as process:
        assert process.wait(timeout=10) == 7
