"""The emulator's own share: a Lambda that does nothing, called the same ways as the service's."""

import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from infra_cdk.cloud import LocalCloud
from tests.bench.end_to_end.beside import BATCH, NOOP
from tests.bench.end_to_end.quantiles import Spread, spread

LOG_GROUP = f"/aws/lambda/{NOOP}"
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Queued:
    """Seconds from sending to the handler's beginning, and messages a second of a burst."""

    alone: Spread | None
    burst_a_second: float


def by_http(api_url: str, name: str, tokens: Sequence[str], calls: int, rate: float) -> Spread | None:
    """`calls` of a function, `rate` a second from all users together, with nothing else going on."""
    began = time.monotonic()

    def call(user: int) -> list[float]:
        headers = {"authorization": f"Bearer {tokens[user]}"}
        taken = []
        with httpx.Client(base_url=api_url, headers=headers, timeout=PATIENCE_S) as client:
            for place in range(user, calls, len(tokens)):
                time.sleep(max(0.0, began + place / rate - time.monotonic()))
                clock = time.perf_counter()
                client.post(f"/{name}").raise_for_status()
                taken.append(time.perf_counter() - clock)
        return taken

    with ThreadPoolExecutor(len(tokens)) as pool:
        return spread(seconds for taken in pool.map(call, range(len(tokens))) for seconds in taken)


def by_queue(cloud: LocalCloud, queue_url: str, messages: int, rate: float) -> Queued:
    """A tenth of the messages one by one at this pace, then all of them in a burst, in batches of ten."""
    sqs, few = cloud.client("sqs"), messages // BATCH
    for _ in range(few):
        sqs.send_message(QueueUrl=queue_url, MessageBody="{}")
        time.sleep(1 / rate)
    alone = _handled(cloud, few)
    entries = [{"Id": str(place), "MessageBody": "{}"} for place in range(BATCH)]
    for _ in range(few):
        sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
    burst = _handled(cloud, few + few * BATCH)[few:]
    seconds = max(at for at, _ in burst) - min(sent for _, sent in burst)
    return Queued(spread(at - sent for at, sent in alone), len(burst) / seconds)


def _handled(cloud: LocalCloud, count: int) -> list[tuple[float, float]]:
    """When each message was handled and sent, oldest first. Raises TimeoutError after a minute."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        pages = (
            cloud.client("logs")
            .get_paginator("filter_log_events")
            .paginate(logGroupName=LOG_GROUP, filterPattern='"sent"')
        )
        lines = [json.loads(event["message"]) for page in pages for event in page["events"]]
        found = sorted((line["at"] / 1000, sent / 1000) for line in lines for sent in line["sent"])
        if len(found) >= count:
            return found
        time.sleep(0.5)
    raise TimeoutError(f"the no-op function did not get its {count} messages in {PATIENCE_S:.0f} s")
