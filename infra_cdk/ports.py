"""Free ports on the loopback interface."""

import socket
import urllib.error
import urllib.request

LOOPBACK = "127.0.0.1"
PREFERRED = 4566
HIGHEST = 65_535


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def is_taken(port: int) -> bool:
    """Whether somebody listens there now."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def answers(port: int, path: str) -> bool:
    """Whether an HTTP server says there that all is well."""
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}{path}", timeout=2) as reply:
            return bool(reply.status == 200)  # noqa: PLR2004 # HTTP's OK
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def free_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listened on a moment ago."""
    while True:
        first = free_port()
        if first + count <= HIGHEST and all(is_free(first + step) for step in range(1, count)):
            return first


def choose_port() -> int:
    """4566, as every tool expects, or another one where that is taken."""
    return PREFERRED if is_free(PREFERRED) else free_port()
