"""The proxies of template-samples as processes of a test: ended with it, however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra_cdk import proxy
from infra_cdk.ports import is_taken
from infra_cdk.proxy import Front
from infra_cdk.server import Server

KINDS = tuple(proxy.PROXIES)


@contextmanager
def before(front: Front, command: list[str]) -> Iterator[Front]:
    """The proxy that a command runs at the front's port, until the block ends; its folder goes with it."""
    front.folder.mkdir(parents=True, exist_ok=True)
    server = Server(front.folder.name, front.folder.parent, front.folder, is_taken)
    server.run(command, proxy.environment(), front.port, attached=True)
    try:
        yield front
    finally:
        server.stop()
