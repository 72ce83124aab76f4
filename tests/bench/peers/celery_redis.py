"""The Celery peer as a contender: jobs are started by a call in this process, as a view of Django's would."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import redis
from websockets.sync.client import ClientConnection

from infra_cdk.built import ROOT
from infra_cdk.ports import LOOPBACK
from tests.bench.peers import celery_files
from tests.bench.peers.processes import running
from tests.bench.peers.redis_jobs import RedisJobs
from tests.bench.peers.redis_server import port_of, redis_server

QUIET = ("--without-gossip", "--without-mingle", "--loglevel", "WARNING")


class Celery(RedisJobs):
    """A contender (see end_to_end/load.py) that has neither an HTTP API nor frames."""

    name = "Celery"

    def initiate(self, user: int, file_ids: Sequence[int]) -> str:
        return celery_files.initiate(list(file_ids), self._redis)

    def watch(self, user: int, job_id: str) -> ClientConnection:
        raise NotImplementedError("the Celery peer has no WebSocket: put it on without watchers")


@contextmanager
def celery(store: Mapping[str, str], concurrency: int) -> Iterator[Celery]:
    """Runs Redis and a worker of `concurrency` processes. Raises PeerError as redis_server does."""
    with redis_server() as client:
        port = str(port_of(client))
        celery_files.app.conf.broker_url = f"redis://{LOOPBACK}:{port}/1"
        command = [sys.executable, "-m", "celery", "-A", celery_files.__name__, "worker"]
        told = {**store, "REDIS_PORT": port, "PYTHONPATH": str(ROOT)}
        with running([*command, "-c", str(concurrency), *QUIET], lambda: _listens(client), told):
            yield Celery(client)
            celery_files.app.pool.force_close_all()


def _listens(client: redis.Redis) -> bool:
    """Whether a worker has taken a connection to the broker and is ready for tasks."""
    return bool(celery_files.app.control.ping(timeout=0.5))
