"""Keys of the table, and Python values as DynamoDB's: what all items have in common."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

Item = dict[str, Any]
JOB_PREFIX = "JOB#"
JOB_SORT_KEY = "JOB"
IDS_SORT_KEY = "IDS"
FILE_PREFIX = "FILE#"
WATCH_PREFIX = "WATCH#"
CONNECTION_PREFIX = "CONN#"
WISH_SORT_KEY = "WISH"
CHECKPOINT_SORT_KEY = "BUNDLE"
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def job_key(job_id: str, sort_key: str = JOB_SORT_KEY) -> Item:
    return {"PK": {"S": f"{JOB_PREFIX}{job_id}"}, "SK": {"S": sort_key}}


def files_key(job_id: str, number: int) -> Item:
    """One of the partitions that hold a job's files."""
    return {"PK": {"S": f"{JOB_PREFIX}{job_id}#{number}"}}


def file_sort_key(file_id: int) -> str:
    """Nine digits, so that text sorts as numbers do."""
    return f"{FILE_PREFIX}{file_id:09d}"


def watch_key(job_id: str, connection_id: str) -> Item:
    """A partition apart from the files', so that looking up watchers reads nothing else."""
    return {"PK": {"S": f"{WATCH_PREFIX}{job_id}"}, "SK": {"S": f"{CONNECTION_PREFIX}{connection_id}"}}


def connection_key(connection_id: str, job_id: str) -> Item:
    """The reverse of ``watch_key``: what one connection watches."""
    return {"PK": {"S": f"{CONNECTION_PREFIX}{connection_id}"}, "SK": {"S": f"{WATCH_PREFIX}{job_id}"}}


def account_key(account: str, sort_key: str) -> Item:
    """What is left to an account."""
    return {"PK": {"S": f"CALLER#{account}"}, "SK": {"S": sort_key}}


def restore_key(file_id: int, job_id: str) -> Item:
    """The reverse of a file that waits: which jobs wait for it."""
    return {"PK": {"S": f"RESTORE#{file_id}"}, "SK": {"S": f"{JOB_PREFIX}{job_id}"}}


def to_values(attributes: Mapping[str, Any]) -> Item:
    """Python values as DynamoDB's; times become epoch milliseconds, None is left out."""
    return {name: _value(value) for name, value in attributes.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _deserialize(value) for name, value in item.items()}


def epoch_s(moment: datetime) -> int:
    """Seconds since 1970, which DynamoDB's TTL wants."""
    return int(moment.timestamp())


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def open_shard(digit: str) -> str:
    """Open jobs are spread by the first digit of their id: an index partition takes 1,000 writes a second."""
    return f"OPEN#{digit}"


def _value(value: object) -> Any:
    # Nearly all are text, numbers and times: boto3's serializer, made for every type, takes longer.
    if isinstance(value, str):
        return {"S": str(value)}
    if isinstance(value, datetime):
        return {"N": str(epoch_ms(value))}
    return {"N": str(value)} if type(value) is int else _serialize(value)


def moment_at(values: Mapping[str, Any], name: str) -> datetime | None:
    return moment(values[name]) if name in values else None


def moment(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
