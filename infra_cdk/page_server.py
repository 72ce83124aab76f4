"""The process that shows the demo page of a local cloud: started beside the emulator, stopped with it."""

import os
import sys
from pathlib import Path

from infra_cdk import edge
from infra_cdk.ports import LOOPBACK, free_port, is_free, is_taken
from infra_cdk.server import Server, StartError

PREFERRED = 4580


class PageServer(Server):
    """The one page server of a state folder."""

    def __init__(self, state: Path) -> None:
        super().__init__("page", state, state / "page", is_taken)

    def start(self, gateway_port: int, domain: str, port: int | None = None) -> str:
        """Serve a distribution of the emulator until stopped; returns the address that a browser opens.

        Without a `port` it is 4580, or a free one where that is taken.

        Raises:
            StartError: the port that was asked for is taken, or the server did not start.
        """
        self.stop()
        if port and not is_free(port):
            raise StartError(f"port {port} is taken: choose another, or none, for the demo page")
        port = port or (PREFERRED if is_free(PREFERRED) else free_port())
        self.temporary.mkdir(parents=True)
        command = [sys.executable, edge.__file__, str(port), str(gateway_port), domain]
        self.run(command, os.environ, port, attached=False)
        return f"http://{LOOPBACK}:{port}"
