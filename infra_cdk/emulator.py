"""The emulator process, on loopback."""

import os
from pathlib import Path

from infra_cdk import emulator_setup
from infra_cdk.ports import answers
from infra_cdk.server import Running, Server


class Emulator(Server):
    """The one emulator of a state folder."""

    def __init__(self, state: Path) -> None:
        super().__init__("emulator", state, state / "tmp", healthy)

    def start(self, python: Path, port: int, *, attached: bool) -> Running:
        """Start and wait until it answers. Attached, it ends with this process, however that ends.

        Raises:
            StartError: it ended early or didn't answer within 60 s.
        """
        self.stop()
        self.temporary.mkdir(parents=True)
        environment = emulator_setup.variables(port, self.temporary, os.environ)
        return self.run([str(python), "-m", "ministack"], environment, port, attached=attached)


def healthy(port: int) -> bool:
    """Whether an emulator answers on this port."""
    return answers(port, "/_ministack/health")
