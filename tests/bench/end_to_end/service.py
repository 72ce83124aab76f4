"""The deployed service as a contender: its own HTTP and WebSocket APIs, its own logs, its own table."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from infra_cdk.cloud import LocalCloud
from tests.bench.end_to_end.beside import BARE, NOOP
from tests.bench.end_to_end.measured import Audit, Results, Started
from tests.bench.end_to_end.stack import USERS
from tests.bench.end_to_end.verdict import judge
from tests.chaos.evidence import TERMINAL, read_stream, read_table

# What one BatchGetItem takes.
MOST_KEYS = 100
# What one FilterLogEvents answers with.
MOST_EVENTS = 10_000
PATIENCE_S = 120
STAMP = "%Y-%m-%d %H:%M:%S,%f%z"


class Service:
    """A contender (see load.py); what is put beside it are its hops."""

    name = "the service"
    hops: Sequence[str] = (NOOP, BARE)

    def __init__(self, cloud: LocalCloud, there: frozenset[int]) -> None:
        self._cloud, self._there = cloud, there
        self.tokens = [cloud.sign_in(f"bench-{user}") for user in range(USERS)]
        self._clients = [self._client(token) for token in self.tokens]
        self._dynamodb = cloud.client("dynamodb")

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _client(self, token: str) -> httpx.Client:
        headers = {"authorization": f"Bearer {token}"}
        return httpx.Client(base_url=self._cloud.outputs["ApiUrl"], headers=headers, timeout=PATIENCE_S)

    def initiate(self, user: int, file_ids: Sequence[int]) -> str:
        reply = self._clients[user].post("/v1/download/initiate", json={"file_ids": list(file_ids)})
        reply.raise_for_status()
        return str(reply.json()["jobId"])

    def hop(self, user: int, name: str) -> None:
        self._clients[user].post(f"/{name}").raise_for_status()

    def watch(self, user: int, job_id: str) -> ClientConnection:
        headers = {"authorization": f"Bearer {self.tokens[user]}"}
        url = f"{self._cloud.outputs['WebSocketUrl']}?jobId={job_id}"
        return connect(url, additional_headers=headers, open_timeout=PATIENCE_S, close_timeout=2, proxy=None)

    def standing(self, job_ids: Sequence[str]) -> tuple[int, int]:
        items = list(self._jobs(job_ids))
        done = sum(int(item["completed"]["N"]) + int(item["failed"]["N"]) for item in items)
        return sum(item["status"]["S"] in TERMINAL for item in items), done

    def _jobs(self, job_ids: Sequence[str]) -> Iterator[dict[str, dict[str, str]]]:
        table = self._cloud.outputs["TableName"]
        for place in range(0, len(job_ids), MOST_KEYS):
            keys = [_job_key(job_id) for job_id in job_ids[place : place + MOST_KEYS]]
            reply = self._dynamodb.batch_get_item(RequestItems={table: {"Keys": keys}})
            yield from reply["Responses"][table]

    def results(self, job_ids: Sequence[str]) -> Results:
        """By the line that process_file logs for a file, once its transaction is written."""
        moments: dict[str, dict[int, float]] = defaultdict(dict)
        asked = set(job_ids)
        for line in self._lines():
            if line.get("outcome") in {"ready", "failed", "given_up"} and line["jobId"] in asked:
                at = datetime.strptime(line["timestamp"], STAMP)  # noqa: DTZ007 # STAMP ends with %z
                moments[line["jobId"]].setdefault(line["fileId"], at.timestamp())
        return moments

    def _lines(self) -> Iterator[dict[str, Any]]:
        """Page by page of time: the emulator answers with as many events as one call may, and no token."""
        logs, since_ms, full = self._cloud.client("logs"), 0, True
        while full:
            events = logs.filter_log_events(
                logGroupName=self._log_group, filterPattern='"fileId"', startTime=since_ms, limit=MOST_EVENTS
            )["events"]
            yield from (json.loads(event["message"]) for event in events)
            full = len(events) == MOST_EVENTS
            since_ms = events[-1]["timestamp"] if events else 0

    @cached_property
    def _log_group(self) -> str:
        name = self._cloud.outputs["ProcessFileName"]
        settings = self._cloud.client("lambda").get_function_configuration(FunctionName=name)
        return str(settings["LoggingConfig"]["LogGroup"])

    def audit(self, started: Sequence[Started]) -> Audit:
        table, streams = self._cloud.outputs["TableName"], self._cloud.client("dynamodbstreams")
        stream = read_stream(self._dynamodb, streams, table)
        return judge(started, read_table(self._dynamodb, table), stream, self._there)


def _job_key(job_id: str) -> dict[str, dict[str, str]]:
    return {"PK": {"S": f"JOB#{job_id}"}, "SK": {"S": "JOB"}}
