"""The proxies of template-samples as processes of a test: ended with it, however it ends."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infra_cdk import proxy, supervisor
from infra_cdk.ports import wait_until_taken
from infra_cdk.proxy import Front

KINDS = tuple(proxy.PROXIES)


@contextmanager
def before(front: Front, command: list[str]) -> Iterator[Front]:
    """The proxy that a command runs at the front's port, until the block ends."""
    front.folder.mkdir(parents=True, exist_ok=True)
    kept = [sys.executable, supervisor.__file__, str(front.folder), *command]
    log = front.folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            kept,
            env=proxy.environment(),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        assert wait_until_taken(front.port, lambda: process.poll() is None), log.read_text()
        yield front
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait()
