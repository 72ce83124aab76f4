"""A program in the background of a state folder: found again and stopped by identity, not by number alone."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra_cdk import supervisor
from infra_cdk.commands import tail
from infra_cdk.processes import end_group, start_time

START_SECONDS = 60.0


class StartError(RuntimeError):
    """A program of the local cloud did not start; the text says why, with the end of its log."""


@dataclass(frozen=True)
class Running:
    """A started program: who it is and where it answers."""

    pid: int
    started: str
    port: int

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return start_time(self.pid) == self.started


class Server:
    """The one program of its name in a state folder, with its identity, its log and its temporary files."""

    def __init__(self, name: str, state: Path, temporary: Path, healthy: Callable[[int], bool]) -> None:
        self.log = state / f"{name}.log"
        self.temporary = temporary
        self._name = name
        self._mark = state / f"{name}.json"
        self._healthy = healthy
        self._process: subprocess.Popen[bytes] | None = None

    def find(self) -> Running | None:
        """What was started here earlier, if it still runs and answers."""
        running = self.remembered()
        return running if running and running.alive and self._healthy(running.port) else None

    def run(
        self, command: Sequence[str], environment: Mapping[str, str], port: int, *, attached: bool
    ) -> Running:
        """Start and wait until it answers. Attached, it ends with this process, however that ends.

        Raises:
            StartError: it ended early or didn't answer within 60 s.
        """
        self._process = self._spawn(command, environment, attached)
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

    def remembered(self) -> Running | None:
        """What was started here last, whether or not it still runs."""
        return Running(**json.loads(self._mark.read_text())) if self._mark.exists() else None

    def stop(self) -> bool:
        """End what was started here with its children, and remove its files. False when nothing ran."""
        running = self.remembered()
        ended = running is not None and running.alive
        if running and ended:
            end_group(running.pid)
        self._mark.unlink(missing_ok=True)
        if self._process is not None:
            if self._process.stdin:
                self._process.stdin.close()
            self._process.wait()
            self._process = None
        shutil.rmtree(self.temporary, ignore_errors=True)
        return ended

    def _spawn(
        self, command: Sequence[str], environment: Mapping[str, str], attached: bool
    ) -> "subprocess.Popen[bytes]":
        if attached:
            command = [sys.executable, supervisor.__file__, str(self.temporary), *command]
        with self.log.open("wb") as output:
            return subprocess.Popen(  # noqa: S603 # a list of our own words, no shell
                command,
                env=environment,
                cwd=self.temporary,
                stdin=subprocess.PIPE if attached else subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _wait_until_healthy(self, process: "subprocess.Popen[bytes]", port: int) -> None:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if self._healthy(port):
                return
            time.sleep(0.1)
        how = f"gave no answer in {START_SECONDS:.0f} s" if process.poll() is None else "ended at once"
        raise StartError(f"{self._name} {how}; the end of {self.log}:\n{tail(self.log.read_text())}")
