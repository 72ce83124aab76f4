"""Debian's Redis on a free port, as durable as the always-on design has it: appended, synced every second."""

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from infra_cdk.ports import LOOPBACK, free_port
from tests.bench.peers.processes import running


@contextmanager
def redis_server() -> Iterator[redis.Redis]:
    """A client of a server that ends with the block. Raises PeerError when it does not start."""
    port = free_port()
    manner = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
    client = redis.Redis(LOOPBACK, port, decode_responses=True)
    with running(
        ["redis-server", "--port", str(port), "--bind", LOOPBACK, *manner], lambda: _answers(client)
    ):
        try:
            yield client
        finally:
            client.close()


def port_of(client: redis.Redis) -> int:
    return int(client.connection_pool.connection_kwargs["port"])


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
