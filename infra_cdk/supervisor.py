"""Runs a command for as long as its parent lives: `supervisor.py FOLDER COMMAND...`, standard library only.

The parent holds the other end of standard input. When that closes, however the parent ended, the
command's process group ends and FOLDER is removed. It must lead its own process group.
"""

import os
import select
import shutil
import signal
import subprocess
import sys

# As in processes.py, which a file that runs by itself cannot import.
GRACE_SECONDS = 1.0


def main(folder: str, command: list[str]) -> int:
    """The exit status of the command, or 0 when the parent went away."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 # our own words
    # After the child began, so that only this process ignores the signal it sends to its group.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while child.poll() is None:
        readable, _, _ = select.select([sys.stdin], [], [], 0.2)
        if readable and not os.read(sys.stdin.fileno(), 1024):
            _end(child, folder)
            return 0
    return child.returncode


def _end(child: "subprocess.Popen[bytes]", folder: str) -> None:
    os.killpg(0, signal.SIGTERM)
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], sys.argv[2:]))
