"""A peer's processes: on loopback, for the length of a block, and gone with this process however it ends."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra_cdk import supervisor
from infra_cdk.commands import tail
from infra_cdk.processes import end_group

READY_S = 30.0


class PeerError(RuntimeError):
    """A peer cannot be run; the text says what is missing, or how its log ends."""


@contextmanager
def running(
    command: Sequence[str], ready: Callable[[], bool], environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Runs a command in a folder of its own until the block ends.

    Raises:
        PeerError: it ended early, or was not ready within 30 s.
    """
    folder = Path(tempfile.mkdtemp(prefix="peer-"))
    log = folder / "log"
    # The supervisor ends the command, and removes the folder, should this process be killed.
    supervised = [sys.executable, supervisor.__file__, str(folder), *command]
    with log.open("wb") as output:
        process = subprocess.Popen(
            supervised,
            env={**os.environ, **(environment or {})},
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, ready, command, log)
        yield
    finally:
        end_group(process.pid)
        process.wait()
        if process.stdin:
            process.stdin.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(
    process: "subprocess.Popen[bytes]", ready: Callable[[], bool], command: Sequence[str], log: Path
) -> None:
    deadline = time.monotonic() + READY_S
    while process.poll() is None and time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.1)
    how = f"was not ready in {READY_S:.0f} s" if process.poll() is None else "ended at once"
    raise PeerError(f"{' '.join(command[:3])} {how}:\n{tail(log.read_text(errors='replace'))}")
