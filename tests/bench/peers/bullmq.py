"""The always-on design as a contender: Node and BullMQ in front of Redis, a worker beside it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import redis
from websockets.sync.client import ClientConnection, connect

from infra_cdk.ports import LOOPBACK, free_port
from tests.bench.peers.processes import running
from tests.bench.peers.redis_jobs import RedisJobs
from tests.bench.peers.redis_server import port_of, redis_server

HERE = Path(__file__).parent / "always_on"
PATIENCE_S = 60


class AlwaysOn(RedisJobs):
    """A contender (see end_to_end/load.py). Users share one pool of connections, as they share the API."""

    name = "always-on (BullMQ)"

    def __init__(self, client: redis.Redis, address: str) -> None:
        super().__init__(client)
        self._address = address
        self._http = httpx.Client(base_url=f"http://{address}", timeout=PATIENCE_S)

    def initiate(self, user: int, file_ids: Sequence[int]) -> str:
        reply = self._http.post("/jobs", json={"file_ids": list(file_ids)})
        reply.raise_for_status()
        return str(reply.json()["jobId"])

    def watch(self, user: int, job_id: str) -> ClientConnection:
        url = f"ws://{self._address}/?jobId={job_id}"
        return connect(url, open_timeout=PATIENCE_S, close_timeout=2, proxy=None)


@contextmanager
def always_on(store: Mapping[str, str], concurrency: int) -> Iterator[AlwaysOn]:
    """Runs Redis, the API and one worker; `store` are the variables by which they reach the S3 server.

    Raises:
        PeerError: one of them did not start.
    """
    with redis_server() as client:
        address = f"{LOOPBACK}:{free_port()}"
        told = {
            **store,
            "REDIS_PORT": str(port_of(client)),
            "API_PORT": address.partition(":")[2],
            "CONCURRENCY": str(concurrency),
        }
        with (
            running(["node", str(HERE / "api.mjs")], lambda: _answers(address), told),
            running(["node", str(HERE / "worker.mjs")], lambda: client.exists("worker") == 1, told),
        ):
            yield AlwaysOn(client, address)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/health").is_success
    except httpx.TransportError:
        return False
