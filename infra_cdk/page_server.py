"""The process that shows the demo page of a local cloud: started beside the emulator, stopped with it."""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from infra_cdk import edge
from infra_cdk.emulator import EmulatorError, Running
from infra_cdk.ports import LOOPBACK, free_port, is_free, wait_until_taken
from infra_cdk.processes import end_group, start_time

PREFERRED = 4580


class PageServer:
    """The one page server of a state folder."""

    def __init__(self, state: Path) -> None:
        self._mark = state / "page.json"
        self._log = state / "page.log"

    def start(self, gateway_port: int, domain: str, port: int | None = None) -> str:
        """Serve a distribution of the emulator until stopped; returns the address that a browser opens.

        Without a `port` it is 4580, or a free one where that is taken.

        Raises:
            EmulatorError: the port that was asked for is taken, or the server did not start.
        """
        self.stop()
        if port and not is_free(port):
            raise EmulatorError(f"port {port} is taken: choose another, or none, for the demo page")
        port = port or (PREFERRED if is_free(PREFERRED) else free_port())
        command = [sys.executable, edge.__file__, str(port), str(gateway_port), domain]
        with self._log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 # a list of our own words, no shell
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )
        running = Running(process.pid, start_time(process.pid) or "", port)
        self._mark.write_text(json.dumps(asdict(running)))
        if not wait_until_taken(port, lambda: running.alive):
            self.stop()
            raise EmulatorError(f"the demo page's server ended at once: {self._log.read_text()}")
        return f"http://{LOOPBACK}:{port}"

    def stop(self) -> None:
        """End what was started here, and nothing else."""
        if not self._mark.exists():
            return
        running = Running(**json.loads(self._mark.read_text()))
        if running.alive:
            end_group(running.pid)
        self._mark.unlink()
