"""The emulator process: started on loopback, found again and stopped by identity, not by number alone."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

from infra_cdk import emulator_setup, supervisor
from infra_cdk.commands import tail
from infra_cdk.ports import LOOPBACK
from infra_cdk.processes import end_group, start_time

START_SECONDS = 60.0


class EmulatorError(RuntimeError):
    """The emulator did not start; the text says why, with the end of its log."""


@dataclass(frozen=True)
class Running:
    """A started emulator: who it is and where it answers."""

    pid: int
    started: str
    port: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return start_time(self.pid) == self.started


class Emulator:
    """The one emulator of a state folder, which holds its identity, its log and its temporary files."""

    def __init__(self, state: Path) -> None:
        self._mark = state / "emulator.json"
        self.log = state / "emulator.log"
        self.temporary = state / "tmp"
        self._process: subprocess.Popen[bytes] | None = None

    def find(self) -> Running | None:
        """The emulator started here earlier, if it still runs and answers."""
        if not self._mark.exists():
            return None
        running = Running(**json.loads(self._mark.read_text()))
        return running if running.alive and healthy(running.port) else None

    def start(self, python: Path, port: int, *, attached: bool) -> Running:
        """Start and wait until it answers. Attached, it ends with this process, however that ends.

        Raises:
            EmulatorError: it ended early or didn't answer within 60 s.
        """
        self.stop()
        self.temporary.mkdir(parents=True)
        self._process = self._spawn(python, port, attached)
        pid = self._process.pid
        running = Running(pid, start_time(pid) or "", port)
        self.remember(running)
        try:
            self._wait_until_healthy(self._process, port)
        except BaseException:
            self.stop()
            raise
        return running

    def remember(self, running: Running) -> None:
        """Note who was started here, for whoever stops it."""
        self._mark.write_text(json.dumps(asdict(running)))

    def stop(self) -> bool:
        """End what was started here with its workers, and remove its files. False when nothing ran."""
        ended = False
        if self._mark.exists():
            running = Running(**json.loads(self._mark.read_text()))
            if running.alive:
                end_group(running.pid)
                ended = True
            self._mark.unlink()
        if self._process is not None:
            if self._process.stdin:
                self._process.stdin.close()
            self._process.wait()
            self._process = None
        shutil.rmtree(self.temporary, ignore_errors=True)
        return ended

    def _spawn(self, python: Path, port: int, attached: bool) -> "subprocess.Popen[bytes]":
        command = [str(python), "-m", "ministack"]
        if attached:
            command = [str(python), supervisor.__file__, str(self.temporary), *command]
        with self.log.open("wb") as output:
            return subprocess.Popen(  # noqa: S603 # a list of our own words, no shell
                command,
                env=emulator_setup.variables(port, self.temporary, os.environ),
                cwd=self.temporary,
                stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_healthy(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if healthy(port):
                return
            time.sleep(0.1)
        how = f"gave no answer in {START_SECONDS:.0f} s" if process.poll() is None else "ended at once"
        raise EmulatorError(f"the emulator {how}; the end of {self.log}:\n{tail(self.log.read_text())}")


def healthy(port: int) -> bool:
    """Whether an emulator answers on this port."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/_ministack/health", timeout=2) as reply:
            return bool(reply.status == 200)  # noqa: PLR2004 # HTTP's OK
    except (urllib.error.URLError, OSError):
        return False
