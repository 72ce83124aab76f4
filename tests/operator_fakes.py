"""The few AWS calls of the operators' commands, in memory; `refuse` makes one of them fail as AWS does."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

STACK, TABLE = "downloads-prod", "downloads"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
OWNER = "user:0f3c-someone"
OUTPUTS = {
    "TableName": TABLE,
    "HighQueueUrl": "https://sqs/high",
    "NormalQueueUrl": "https://sqs/normal",
    "DeadLetterQueueUrl": "https://sqs/dead",
    "ParkedQueueUrl": "https://sqs/parked",
    "UndeliveredQueueUrl": "https://sqs/undelivered",
    "ProgressFailuresQueueUrl": "https://sqs/failures",
    "NoticesQueueUrl": "https://sqs/notices",
    "StackName": STACK,
    "InitiateJobName": "initiate-1",
    "ProcessFileName": "process-1",
    "SweepJobsName": "sweep-1",
}
Item = dict[str, Any]


def ms(at: datetime) -> dict[str, str]:
    return {"N": str(round(at.timestamp() * 1000))}


def job_item(job_id: str, **changes: Any) -> Item:
    """A job asked for ten seconds ago, with a secret in its callback."""
    values = {"status": "processing", "total": 10, "completed": 4, "failed": 1, "version": 3, "sweeps": 0}
    values |= {"round": 1, "owner": OWNER, "priority": "normal", "on_error": "continue"}
    values |= {"callback_url": "https://app.example/hook?key=hidden", **changes}
    times = {"created_at": NOW - timedelta(seconds=10), "started_at": NOW - timedelta(seconds=8)}
    times |= {"check_at": NOW + timedelta(minutes=2), "deadline_at": NOW + timedelta(hours=1)}
    times |= {name: value for name, value in changes.items() if name.endswith("_at")}
    plain = {name: value for name, value in values.items() if name not in times and value is not None}
    kept = {name: {"N": str(v)} if isinstance(v, int) else {"S": v} for name, v in plain.items()}
    keys: Item = {"PK": {"S": f"JOB#{job_id}"}, "SK": {"S": "JOB"}}
    return keys | kept | {name: ms(at) for name, at in times.items() if at}


class Calls:
    """Remembers what was asked, and refuses what it shall."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.refused: dict[str, str] = {}

    def __call__(self, name: str, asked: Mapping[str, Any]) -> None:
        self.asked.append((name, asked))
        if name in self.refused:
            raise ClientError({"Error": {"Code": self.refused[name], "Message": "Not now."}}, name)

    def of(self, name: str) -> list[Mapping[str, Any]]:
        return [asked for called, asked in self.asked if called == name]


class FakeAws:
    """A `ClientOf`: every service is this very object."""

    def __init__(self, items: Sequence[Item] = (), lines: Mapping[str, Sequence[Item]] | None = None) -> None:
        self.calls = Calls()
        self.items = {(item["PK"]["S"], item["SK"]["S"]): item for item in items}
        self.open: dict[str, datetime] = {}
        self.lines = dict(lines or {})
        self.depths: dict[str, tuple[int, int, int]] = {}
        self.variables = {"S3_SECRET_ACCESS_KEY": "hidden"}
        self.busy = 0
        self.page = 2

    def __call__(self, service: str) -> "FakeAws":
        return self

    def put(self, item: Item, *, listed: bool = True) -> None:
        self.items[item["PK"]["S"], item["SK"]["S"]] = item
        job_id = item["PK"]["S"].removeprefix("JOB#")
        if listed:
            self.open[job_id] = NOW
        else:
            self.open.pop(job_id, None)

    def describe_stacks(self, **asked: Any) -> Item:
        self.calls("DescribeStacks", asked)
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in OUTPUTS.items()]
        return {"Stacks": [{"Outputs": outputs}]}

    def query(self, **asked: Any) -> Item:
        self.calls("Query", asked)
        shard = asked["ExpressionAttributeValues"][":shard"]["S"]
        here = [one for one in sorted(self.open) if f"OPEN#{one[0]}" == shard]
        found = [{"PK": {"S": f"JOB#{one}"}, "check_at": ms(self.open[one])} for one in here]
        reply: Item = {"Items": found[: asked["Limit"]]}
        return reply | ({"LastEvaluatedKey": {}} if len(found) > asked["Limit"] else {})

    def batch_get_item(self, **asked: Any) -> Item:
        self.calls("BatchGetItem", asked)
        wanted = asked["RequestItems"][TABLE]
        if self.busy:
            self.busy -= 1
            return {"Responses": {}, "UnprocessedKeys": asked["RequestItems"]}
        keys = [(key["PK"]["S"], key["SK"]["S"]) for key in wanted["Keys"]]
        return {"Responses": {TABLE: [_part(self.items[key], wanted) for key in keys if key in self.items]}}

    def get_item(self, **asked: Any) -> Item:
        self.calls("GetItem", asked)
        found = self.items.get((asked["Key"]["PK"]["S"], asked["Key"]["SK"]["S"]))
        return {"Item": _part(found, asked)} if found else {}

    def get_paginator(self, name: str) -> "FakeAws":
        return self

    def paginate(self, **asked: Any) -> Iterator[Item]:
        self.calls("Query", asked)
        values = asked["ExpressionAttributeValues"]
        keys = [key for key in sorted(self.items) if key[0] == values[":key"]["S"]]
        yield {"Items": [_part(self.items[key], asked) for key in keys]}

    def get_queue_attributes(self, **asked: Any) -> Item:
        self.calls("GetQueueAttributes", asked)
        depth = self.depths.get(asked["QueueUrl"], (0, 0, 0))
        return {"Attributes": dict(zip(asked["AttributeNames"], map(str, depth), strict=True))}

    def get_function_configuration(self, **asked: Any) -> Item:
        self.calls("GetFunctionConfiguration", asked)
        group = f"/logs/{asked['FunctionName']}"
        return {"LoggingConfig": {"LogGroup": group}, "Environment": {"Variables": self.variables}}

    def filter_log_events(self, **asked: Any) -> Item:
        """Two lines a page, whatever the pattern: so does the emulator."""
        self.calls("FilterLogEvents", asked)
        first = int(asked.get("nextToken", "0"))
        lines = self.lines.get(asked["logGroupName"], [])
        shown = [
            {"timestamp": int(ms(NOW)["N"]), "message": line if isinstance(line, str) else json.dumps(line)}
            for line in lines[first : first + self.page]
        ]
        more = {"nextToken": str(first + self.page)} if first + self.page < len(lines) else {}
        return {"events": shown, **more}


def _part(item: Item, asked: Mapping[str, Any]) -> Item:
    names = asked["ExpressionAttributeNames"]
    wanted = {names[one.strip()] for one in asked["ProjectionExpression"].split(",")}
    return {name: value for name, value in item.items() if name in wanted}
