"""Processes by identity: numbers are handed out again, so the start time counts too."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

PROC = Path("/proc")
# The emulator keeps nothing that it would have to write, and waits for open connections at its end.
GRACE_SECONDS = 1.0


def start_time(pid: int) -> str | None:
    """When a process began, in the system's own spelling; None when it doesn't run (any more)."""
    if (PROC / "self" / "stat").exists():
        return _from_proc(pid)
    # macOS has no /proc; ps is part of it.
    done = subprocess.run(  # noqa: S603 # a list of our own words, no shell
        ["ps", "-o", "lstart=", "-p", str(pid)],  # noqa: S607 # ps stands on the PATH of every system that has one
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or None


def _from_proc(pid: int) -> str | None:
    try:
        stat = (PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name in parentheses may hold spaces; behind it follow the state and, 19 fields on, the start.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state == "Z" else fields[18]


def end_group(leader: int) -> None:
    """End a process group: asked first, forced after a second. The leader must be known to be ours.

    Raises:
        ValueError: 0 or 1, which would be the caller's own group or the whole machine's.
    """
    if leader <= 1:
        raise ValueError(f"process group {leader} is nothing that was started here")
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGTERM)
        _wait_for_end(leader)
        os.killpg(leader, signal.SIGKILL)
        # On a busy machine even that takes its time, and ports are free only afterwards.
        _wait_for_end(leader)


def _wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + GRACE_SECONDS
    while start_time(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
