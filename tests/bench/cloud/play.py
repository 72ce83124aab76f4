"""One job from its request to its links, through the real functions, the mappings' batches and the stream.

Time is a model's (tests/bench/durations.toml): it decides how many changes one stream batch holds, and
what Lambda bills. Runs that overlap are played one after another: conflicts are another bench's matter.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from infra_cdk import mappings
from infra_cdk.config import Config
from tests.aws import INDEXES
from tests.bench.cloud import events
from tests.bench.cloud.functions import Functions, answered
from tests.bench.cloud.stand_in import StandIn
from tests.bench.cloud.stream import passed, record_of
from tests.bench.cloud.table import Table
from tests.bench.cloud.tally import Called, Count
from tests.bench.durations import durations

FIRST_ID = 70_000
LINKS_A_PAGE = 1_000
MOST_ROUNDS = 100_000
CONNECTION = "L0SM9cOFvHcCIhw="


@dataclass(frozen=True, slots=True)
class Batches:
    """What the mappings hand over at most."""

    lane: int = mappings.LANE_BATCH
    stream: int = mappings.STREAM_BATCH


@dataclass(slots=True)
class Ran:
    """All runs of one function."""

    runs: int = 0
    ms: float = 0.0


@dataclass(slots=True)
class Played:
    """What a job of so many files made happen; bytes of HTTP answers by route."""

    files: int
    cloud: StandIn
    functions: Functions
    ran: dict[str, Ran] = field(default_factory=dict)
    http_bytes: list[tuple[str, int]] = field(default_factory=list)
    link: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class Play:
    """``config`` says how many workers there are; ``batches`` may be others than the stack's."""

    def __init__(self, files: int, config: Config, batches: Batches) -> None:
        self._cloud = StandIn(Table(INDEXES))
        self._config, self._batches = config, batches
        self._functions = Functions(self._cloud, config, lambda: self._now)
        self.played = Played(files, self._cloud, self._functions)
        self._due: list[float] = []
        self._read = 0
        self._now = 0.0

    def run(self) -> Played:
        """Raises RuntimeError when the job does not end as it should."""
        with self._functions.ready():
            job_id = self._start()
            self._work()
            self._fetch_links(job_id)
        self._check(job_id)
        return self.played

    def _start(self) -> str:
        """The request, and a watcher that connects at once."""
        ids = list(range(FIRST_ID, FIRST_ID + self.played.files))
        body = self._ask("initiate_job", events.initiating(ids), 202)
        job_id = str(body["jobId"])
        ticket = self._ask("jobs_api", events.sample("jobs_api.ticket", job_id), 201)["ticket"]
        let_in = self._call("authorize_websocket", events.authorizing(job_id, ticket))
        self._call("websocket", events.connecting(job_id, let_in["context"]))
        return job_id

    def _work(self) -> None:
        """Workers take batches while there are any, the stream is read between, each once it is free."""
        workers = [self._now] * self._config.normal_concurrency
        reader = self._now
        for _ in range(MOST_ROUNDS):
            polled = self._next_poll(reader)
            place = min(range(len(workers)), key=workers.__getitem__)
            if self._cloud.queues.waiting("downloads-normal") and (
                polled is None or workers[place] <= polled
            ):
                self._now = workers[place]
                workers[place] += self._take_batch(place)
            elif polled is not None:
                self._now = polled
                reader = polled + self._read_stream()
            else:
                return
        raise RuntimeError("the job goes on and on")

    def _take_batch(self, worker: int) -> float:
        records = self._cloud.queues.take("downloads-normal", self._batches.lane)
        size = len(json.dumps(records))
        self._cloud.tally.add(Called("mapping", "sqs", "ReceiveMessage"), Count(1, 0, size))
        answer, seconds = self._timed("process_file", {"Records": records}, len(records), worker)
        if answer["batchItemFailures"]:
            raise RuntimeError("a worker kept messages")
        self._cloud.tally.add(Called("mapping", "sqs", "DeleteMessageBatch"), Count(1))
        return seconds

    def _next_poll(self, reader: float) -> float | None:
        """When the stream is read next; None when nothing is left in it."""
        if self._read == len(self._due):
            return None
        every = durations().function["stream_poll_seconds"]
        return max(reader, ceil(min(self._due[self._read :]) / every) * every)

    def _read_stream(self) -> float:
        changes = self._cloud.table.changes
        until = self._read
        while (
            until < min(len(self._due), self._read + self._batches.stream) and self._due[until] <= self._now
        ):
            until += 1
        until = max(until, self._read + 1)
        numbered = enumerate(changes[self._read : until], start=self._read + 1)
        self._read = until
        records = passed([record_of(*one) for one in numbered], mappings.STREAM_FILTERS)
        if not records:
            return 0.0
        answer, seconds = self._timed("publish_progress", {"Records": records}, len(records))
        if answer["batchItemFailures"]:
            raise RuntimeError("the publisher kept records")
        return seconds

    def _fetch_links(self, job_id: str) -> None:
        cursor, found = None, 0
        while found == 0 or cursor:
            page = self._ask("jobs_api", events.linking(job_id, LINKS_A_PAGE, cursor), 200)
            found, cursor = found + len(page["files"]), page.get("nextCursor")
        self.played.link = page["files"][-1]
        if found != self.played.files:
            raise RuntimeError(f"links to {found} files")

    def _ask(self, function: str, event: dict[str, Any], status: int) -> dict[str, Any]:
        answer = self._call(function, event)
        self.played.http_bytes.append((event["routeKey"], len(answer["body"].encode())))
        return answered(answer, status)

    def _call(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        answer, seconds = self._timed(function, event, 0)
        self._now += seconds
        return answer

    def _timed(
        self, function: str, event: dict[str, Any], files: int, worker: int = 0
    ) -> tuple[dict[str, Any], float]:
        """The answer, and the seconds that the run took; what it wrote is in the stream at its end."""
        before = self._counts(function)
        answer = self._functions.invoke(function, event, worker)
        ms = durations().run_ms(self._counts(function) - before, files, self._config.memory_mb)
        ran = self.played.ran.setdefault(function, Ran())
        ran.runs, ran.ms = ran.runs + 1, ran.ms + ms
        end = self._now + ms / 1000
        # Workers that overlap end in another order than they begin: a stream never goes back.
        self._due += [max([end, *self._due[-1:]])] * (len(self._cloud.table.changes) - len(self._due))
        self.played.seconds = max(self.played.seconds, end)
        return answer, ms / 1000

    def _counts(self, function: str) -> Counter[str]:
        made = self._cloud.tally.counts.items()
        return Counter({called.operation: count.calls for called, count in made if called.by == function})

    def _check(self, job_id: str) -> None:
        told = [json.loads(frame) for frame in self._cloud.frames]
        if not told or told[-1]["status"] != "completed" or told[-1]["jobId"] != job_id:
            raise RuntimeError("the watcher was not told of the end")


def play(files: int, config: Config, batches: Batches | None = None) -> Played:
    """Plays one job of so many files, all of which are there."""
    return Play(files, config, batches or Batches()).run()
