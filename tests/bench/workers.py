"""Bench: a backlog worked off at two maximum concurrencies, changed as a step of SCALE_AT changes it."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.mappings import LANE_BATCH
from infra_cdk.ports import free_port
from infra_cdk.scaling_steps import Step, change
from tests.bench.report import Bound, Goal, Report, Table, Told, figure
from tests.bench.slow_store import SlowStore, Watch

FEW, MANY = 2, 8
JOBS, FILES = 3, 80
# Under the three seconds that a HEAD is waited for; much longer than what a batch takes besides.
HEAD_SECONDS = 2.0
PATIENCE_SECONDS = 180
CONFIG = for_stage("dev", max_concurrency=MANY + 2, high_concurrency=2)
INTRO = f"""The stack on an emulator of its own, its files on an S3 server that takes {HEAD_SECONDS} s over
each HEAD and counts how many it has in hand. {JOBS} jobs of {FILES} files wait in the normal lane and are
worked off at a maximum concurrency of {MANY}, then as many more at {FEW}: between the two, the mapping is
changed by the call that a step of `SCALE_AT` makes. A batch is {LANE_BATCH} files: no more than ten times the
setting are in hand."""


def run(told: Told) -> Report:
    with TemporaryDirectory() as folder, SlowStore(HEAD_SECONDS).serving() as store:
        cloud = LocalCloud(Path(folder) / "state", free_port())
        told("an emulator starts")
        with cloud:
            _deploy(cloud, store, told)
            told("a backlog that is not counted: the emulator makes its workers one by one")
            _worked_off(cloud, store)
            found = {}
            for concurrency in (MANY, FEW):
                told(f"{JOBS} jobs of {FILES} files at a maximum concurrency of {concurrency}")
                _scale(cloud, concurrency)
                found[concurrency] = _worked_off(cloud, store)
    return _report(found)


def _deploy(cloud: LocalCloud, store: SlowStore, told: Told) -> None:
    told("the stack is deployed")
    settings = {
        "MAX_CONCURRENCY": str(CONFIG.max_concurrency),
        "HIGH_CONCURRENCY": str(CONFIG.high_concurrency),
        "AUTH_MODE": "none",
        "RATE_LIMIT_BURST": "100",
        "MAX_OPEN_JOBS": "100",
        "BUCKET_NAME": "slow",
        "S3_ENDPOINT_URL": store.url,
        "S3_PATH_STYLE": "true",
        "S3_ACCESS_KEY_ID": "bench",
        "S3_SECRET_ACCESS_KEY": "bench-secret",
    }
    cloud.deploy(context=settings)
    told("its functions are warmed")
    cloud.warm()


def _scale(cloud: LocalCloud, value: int) -> None:
    """As EventBridge Scheduler does on AWS, with the very input that the template gives it."""
    functions = cloud.client("lambda")
    queue = cloud.outputs["NormalQueueUrl"].rsplit("/", 1)[-1]
    known = functions.list_event_source_mappings(FunctionName=cloud.outputs["ProcessFileName"])
    (uuid,) = (
        each["UUID"] for each in known["EventSourceMappings"] if each["EventSourceArn"].endswith(f":{queue}")
    )
    functions.update_event_source_mapping(UUID=uuid, **change(CONFIG, Step(0, 0, value)))


def _worked_off(cloud: LocalCloud, store: SlowStore) -> Watch:
    """From the first HEAD to the last, as the store saw them. Raises TimeoutError when jobs do not end."""
    store.watch = watch = Watch()
    with httpx.Client(base_url=cloud.outputs["ApiUrl"], timeout=60, trust_env=False) as http:
        jobs = [_start(http, number) for number in range(JOBS)]
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not all(_completed(http, job) for job in jobs):
            if time.monotonic() > deadline:
                raise TimeoutError(f"jobs still go on after {PATIENCE_SECONDS} s: {watch.answered} files")
            time.sleep(0.5)
    return watch


def _start(http: httpx.Client, number: int) -> str:
    first = 70_000 + number * FILES
    reply = http.post("/v1/download/initiate", json={"file_ids": list(range(first, first + FILES))})
    reply.raise_for_status()
    return str(reply.json()["jobId"])


def _completed(http: httpx.Client, job_id: str) -> bool:
    reply = http.get(f"/v1/download/status/{job_id}", params={"limit": 0})
    reply.raise_for_status()
    return bool(reply.json()["status"] == "completed")


def _report(found: dict[int, Watch]) -> Report:
    files = JOBS * FILES
    rows = [
        (
            f"{concurrency}",
            f"{watch.most / LANE_BATCH:.1f}",
            f"{watch.answered:,}",
            figure(watch.seconds),
            figure(files / watch.seconds),
            figure(concurrency * LANE_BATCH / HEAD_SECONDS),
        )
        for concurrency, watch in found.items()
    ]
    head = (
        "Maximum concurrency",
        "Batches at once, at most",
        "HEADs",
        "Seconds",
        "Files a second",
        "At best",
    )
    few, many = found[FEW], found[MANY]
    goals = [
        Goal(f"Batches at once at {FEW}", few.most / LANE_BATCH, FEW),
        Goal(f"Batches at once at {MANY}", many.most / LANE_BATCH, MANY),
        Goal(
            f"Files worked off a second at {MANY} against {FEW}",
            few.seconds / many.seconds,
            2,
            Bound.AT_LEAST,
        ),
    ]
    return Report("Workers", INTRO, [Table(f"A backlog of {files} files", head, rows)], goals)
