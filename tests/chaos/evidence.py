"""What the table and its stream say of a run, read past the proxy: the other half of the evidence."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from tests.chaos.ledger import Ledger, Told
from tests.chaos.orders import Order

TERMINAL = frozenset({"completed", "failed", "cancelled"})
_deserialize = TypeDeserializer().deserialize


@dataclass(frozen=True)
class JobRow:
    """A job item, or one of its images."""

    status: str
    total: int
    completed: int
    failed: int
    version: int
    round: int

    @property
    def remaining(self) -> int:
        return self.total - self.completed - self.failed

    @property
    def terminal(self) -> bool:
        return self.status in TERMINAL


@dataclass(frozen=True)
class FileRow:
    """A file item, or one of its images; `code` is None for a file that is ready."""

    code: str | None
    round: int


@dataclass
class Rows:
    """Items by job. A list holds the images of one item, oldest first; None stands for its deletion."""

    jobs: dict[str, list[JobRow | None]] = field(default_factory=lambda: defaultdict(list))
    ids: dict[str, list[frozenset[int] | None]] = field(default_factory=lambda: defaultdict(list))
    files: dict[str, dict[int, list[FileRow | None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def add(self, key: Mapping[str, Any], image: Mapping[str, Any] | None) -> None:
        """Notes an item's image; items that are not of a job are passed over."""
        kind, job_id, *_ = key["PK"]["S"].split("#")
        if kind != "JOB":
            return
        values = {name: _deserialize(value) for name, value in image.items()} if image else None
        name, _, file_id = key["SK"]["S"].partition("#")
        if name == "JOB":
            self.jobs[job_id].append(_job(values) if values else None)
        elif name == "IDS":
            self.ids[job_id].append(frozenset(map(int, values["file_ids"])) if values else None)
        elif name == "FILE":
            row = FileRow(values.get("error_code"), int(values["round"])) if values else None
            self.files[job_id][int(file_id)].append(row)


@dataclass
class Evidence:
    """All there is to judge a run by. `table` holds one image an item; `stream` every image there was.

    `told` is the status call's last word by job; `harmed` counts the faults that a file's HEADs met.
    """

    orders: Mapping[str, Order]
    there: frozenset[int]
    ledger: Ledger = field(default_factory=Ledger)
    table: Rows = field(default_factory=Rows)
    stream: Rows = field(default_factory=Rows)
    told: dict[str, Told] = field(default_factory=dict)
    harmed: Counter[int] = field(default_factory=Counter)


def read_table(dynamodb: Any, table: str) -> Rows:
    rows = Rows()
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for item in page["Items"]:
            rows.add(item, item)
    return rows


def read_stream(dynamodb: Any, streams: Any, table: str) -> Rows:
    rows = Rows()
    arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    for record in _records(streams, arn):
        change = record["dynamodb"]
        rows.add(change["Keys"], change.get("NewImage"))
    return rows


def _records(streams: Any, arn: str) -> Iterator[Mapping[str, Any]]:
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**place)["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator, Limit=1_000)
            yield from page["Records"]
            # An open shard has always a next iterator: an empty page is its end for now.
            iterator = page.get("NextShardIterator") if page["Records"] else None


def last(rows: Iterable[Any]) -> Any:
    """The newest of an item's images, None when there is none."""
    return next(reversed(list(rows)), None)


def _job(values: Mapping[str, Any]) -> JobRow:
    numbers = ("total", "completed", "failed", "version", "round")
    return JobRow(str(values["status"]), *(int(values[name]) for name in numbers))
