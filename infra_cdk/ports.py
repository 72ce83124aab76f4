"""Free ports on the loopback interface."""

import socket
import time
from collections.abc import Callable

LOOPBACK = "127.0.0.1"
PREFERRED = 4566


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def wait_until_taken(port: int, alive: Callable[[], bool]) -> bool:
    """Whether somebody listens there before `alive` says that nobody will."""
    while alive():
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return True
        time.sleep(0.05)
    return False


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def choose_port() -> int:
    """4566, as every tool expects, or another one where that is taken."""
    return PREFERRED if is_free(PREFERRED) else free_port()
