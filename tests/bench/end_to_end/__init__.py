"""A thousand jobs at once and one of ten thousand files, here and on what people would use instead.

`run` deploys the stack to an emulator, measures the emulator by itself, then the stack, then the peers on the
same S3 server, one after another: nothing but that server is shared.
"""

import tempfile
from pathlib import Path

from infra_cdk.cloud import LocalCloud
from tests.bench.end_to_end import beside, figures, overhead
from tests.bench.end_to_end.load import Contender, Load, put_on
from tests.bench.end_to_end.measured import Measured
from tests.bench.end_to_end.quantiles import Spread
from tests.bench.end_to_end.service import Service
from tests.bench.end_to_end.size import Size, size
from tests.bench.end_to_end.stack import CONCURRENCY, FIRST_ID, USERS, deployed
from tests.bench.peers.bullmq import always_on
from tests.bench.peers.celery_redis import celery
from tests.bench.peers.programs import require
from tests.bench.report import Report, Told

WATCHED_JOBS, WATCHERS_OF_THE_LARGE = 20, 3
# All users at once, as under the load to come: each at work in a function or a connection of its own.
WARM_RATE = 100.0


def run(told: Told) -> Report:
    """The section of docs/benchmarks.md. Raises PeerError, before anything starts, when a peer is missing."""
    require()
    how_large = size()
    with (
        tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder,
        deployed(Path(folder), how_large.files, told) as cloud,
    ):
        return _measured(cloud, how_large, told)


def _measured(cloud: LocalCloud, how_large: Size, told: Told) -> Report:
    queue_url = beside.deploy(cloud)
    there = range(FIRST_ID, FIRST_ID + how_large.files)
    service = Service(cloud, frozenset(there))
    try:
        told("the emulator alone: functions of the bench's own by HTTP and by SQS")
        alone = _alone(cloud.outputs["ApiUrl"], service, how_large)
        queued = overhead.by_queue(cloud, queue_url, how_large.calls * 2, how_large.rate)
        many, large = _both(service, there, how_large, told)
    finally:
        service.close()
    store = {**cloud.environment, "S3_ENDPOINT": cloud.endpoint, "S3_BUCKET": cloud.outputs["BucketName"]}
    with always_on(store, CONCURRENCY) as peer:
        peer_many, peer_large = _both(peer, there, how_large, told)
    with celery(store, CONCURRENCY) as other:
        other_many = _many(other, there, how_large, told, watchers=0)
    found = figures.Found(how_large, alone, queued, many, large, peer_many, peer_large, other_many)
    return figures.report(found)


def _alone(api_url: str, service: Service, how_large: Size) -> dict[str, Spread | None]:
    for name in service.hops:
        # Every user's first calls meet a function that is cold.
        overhead.by_http(api_url, name, service.tokens, USERS * 2, WARM_RATE)
    calls, rate = how_large.calls, how_large.rate
    return {name: overhead.by_http(api_url, name, service.tokens, calls, rate) for name in service.hops}


def _both(contender: Contender, there: range, how_large: Size, told: Told) -> tuple[Measured, Measured]:
    many = _many(contender, there, how_large, told, watchers=1)
    large = Load([there], users=1, rate=1, sample=1, watchers=WATCHERS_OF_THE_LARGE)
    return many, put_on(contender, large, told)


def _many(contender: Contender, there: range, how_large: Size, told: Told, watchers: int) -> Measured:
    each = how_large.files_a_job
    jobs = [there[place : place + each] for place in range(0, len(there), each)]
    # Every user's first job meets programs and connections that are cold.
    put_on(contender, Load(jobs[:USERS], USERS, WARM_RATE, sample=USERS, watchers=watchers), told)
    sample = max(1, len(jobs) // WATCHED_JOBS)
    return put_on(contender, Load(jobs, USERS, how_large.rate, sample, watchers), told)
