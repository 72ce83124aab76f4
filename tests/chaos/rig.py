"""The deployed stack with the proxy and the relay put between its functions, its clients and the emulator."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.ports import free_port
from infra_cdk.steps import Step
from tests.chaos.faults import Dice
from tests.chaos.orders import THERE
from tests.chaos.proxy import Proxy
from tests.chaos.relay import Relay
from tests.chaos.workers import Workers

SETTINGS = {
    # A batch whose function was killed comes again after six of these.
    "WORKER_TIMEOUT_SECONDS": "4",
    "SWEEP_GRACE_SECONDS": "20",
    "JOB_DEADLINE_SECONDS": "240",
    "API_RATE_LIMIT": "10000",
    "API_BURST_LIMIT": "10000",
    "WEBSOCKET_RATE_LIMIT": "10000",
    "WEBSOCKET_BURST_LIMIT": "10000",
    "RATE_LIMIT_PER_MINUTE": "6000",
    "RATE_LIMIT_BURST": "1000",
    "MAX_OPEN_JOBS": "100",
}
SWEEP_PAUSE_S = 5.0
LANES = ("HighQueueUrl", "NormalQueueUrl", "DeadLetterQueueUrl")
WAITING = tuple(f"ApproximateNumberOfMessages{state}" for state in ("", "NotVisible", "Delayed"))


@dataclass(frozen=True)
class Rig:
    """A stack under faults, once its dice roll."""

    cloud: LocalCloud
    proxy: Proxy
    dice: Dice

    @property
    def undelivered(self) -> int:
        """Messages that are in a lane or among the dead letters, whatever their state."""
        sqs = self.cloud.client("sqs")
        replies = [
            sqs.get_queue_attributes(QueueUrl=self.cloud.outputs[lane], AttributeNames=list(WAITING))
            for lane in LANES
        ]
        return sum(int(count) for reply in replies for count in reply["Attributes"].values())


@contextmanager
def rigged(state: Path, dice: Dice, step: Step) -> Iterator[Rig]:
    """Deploys a stack of its own in `state`; removes it, and all its processes, at the end."""
    with LocalCloud(state, free_port(), step) as cloud:
        cloud.deploy(context=SETTINGS)
        running = cloud.emulator.find()
        if running is None:
            raise RuntimeError("the emulator ended by itself")
        with Proxy(cloud.endpoint, Workers(running.pid), dice) as proxy, Relay(running.port, dice) as relay:
            with step("proxy put between"):
                _redirect(cloud, proxy.url, relay.port)
            with step("files uploaded"):
                _fill(cloud)
            problems = cloud.warm()
            if problems:
                raise RuntimeError("\n".join(problems))
            with _sweeping(cloud):
                yield Rig(cloud, proxy, dice)


def _redirect(cloud: LocalCloud, proxy: str, relay_port: int) -> None:
    """Gives every function the proxy's address for AWS's, and clients the relay's for the WebSocket API."""
    relay = f"ws://127.0.0.1:{relay_port}"
    client = cloud.client("lambda")
    for function in client.list_functions()["Functions"]:
        name = function["Handler"].partition(".")[0]
        given = function.get("Environment", {}).get("Variables", {})
        moved = {"AWS_ENDPOINT_URL": proxy, "AWS_SDK_UA_APP_ID": name}
        for variable, address in (("WEBSOCKET_ENDPOINT", proxy), ("WEBSOCKET_URL", relay)):
            if variable in given:
                moved[variable] = address + given[variable].partition("://")[2].partition("/")[2].join(
                    ("/", "")
                )
        variables = {"Variables": given | moved}
        client.update_function_configuration(FunctionName=function["FunctionName"], Environment=variables)


def _fill(cloud: LocalCloud) -> None:
    template = for_stage("dev").key_template
    s3, bucket = cloud.client("s3"), cloud.outputs["BucketName"]

    def put(file_id: int) -> None:
        s3.put_object(Bucket=bucket, Key=template.format(file_id=file_id), Body=b"1")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, THERE))


@contextmanager
def _sweeping(cloud: LocalCloud) -> Iterator[None]:
    """Calls the sweeper more often than its schedule does, so that a short run sees it at work."""
    over = Event()
    thread = Thread(target=_sweep, args=(cloud.client("lambda"), cloud.outputs["SweepJobsName"], over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _sweep(client: Any, name: str, over: Event) -> None:
    while not over.wait(SWEEP_PAUSE_S):
        try:
            client.invoke(FunctionName=name, Payload=json.dumps({}).encode())
        except (ClientError, BotoCoreError):
            # The schedule, and the next pass, do what this one could not.
            continue
