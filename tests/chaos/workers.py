"""The processes in which an emulator runs functions: found by their socket, and killed."""

from contextlib import suppress

import psutil


class Workers:
    """The worker processes of the emulator that runs as `pid`, or as its child."""

    def __init__(self, pid: int) -> None:
        self._emulator = psutil.Process(pid)

    def kill(self, port: int) -> bool:
        """SIGKILL to the worker whose connection has this local port; False when there is none.

        Only descendants of the emulator that run its `_worker.py` are looked at, so neither the
        emulator nor any other process of this machine can be hit.
        """
        for process in self._emulator.children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                if _is_worker(process) and _holds(process, port):
                    process.kill()
                    return True
        return False


def _is_worker(process: psutil.Process) -> bool:
    return "".join(process.cmdline()[-1:]).endswith("/_worker.py")


def _holds(process: psutil.Process, port: int) -> bool:
    ports = {connection.laddr.port for connection in process.net_connections("tcp4")}
    return port in ports
