"""Items of the table, and what they mean: every key and attribute name stands here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from downloads.changes import Recorded
from downloads.file import ErrorCode, FailedFile, FileResult, PreparedFile, Priority, SignedUrl, StoredObject
from downloads.model import Job, JobStatus, OnError

Item = dict[str, Any]
JOB_PREFIX = "JOB#"
JOB_SORT_KEY = "JOB"
IDS_SORT_KEY = "IDS"
FILE_PREFIX = "FILE#"
WATCH_PREFIX = "WATCH#"
CONNECTION_PREFIX = "CONN#"
WISH_SORT_KEY = "WISH"
_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def job_key(job_id: str, sort_key: str = JOB_SORT_KEY) -> Item:
    return {"PK": {"S": f"{JOB_PREFIX}{job_id}"}, "SK": {"S": sort_key}}


def file_sort_key(file_id: int) -> str:
    """Nine digits, so that text sorts as numbers do."""
    return f"{FILE_PREFIX}{file_id:09d}"


def watch_key(job_id: str, connection_id: str) -> Item:
    """A partition apart from the files', so that looking up watchers reads nothing else."""
    return {"PK": {"S": f"{WATCH_PREFIX}{job_id}"}, "SK": {"S": f"{CONNECTION_PREFIX}{connection_id}"}}


def connection_key(connection_id: str, job_id: str) -> Item:
    """The reverse of ``watch_key``: what one connection watches."""
    return {"PK": {"S": f"{CONNECTION_PREFIX}{connection_id}"}, "SK": {"S": f"{WATCH_PREFIX}{job_id}"}}


def to_values(attributes: Mapping[str, Any]) -> Item:
    """Python values as DynamoDB's; times become epoch milliseconds, None is left out."""
    return {name: _serialize(_plain(value)) for name, value in attributes.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _deserialize(value) for name, value in item.items()}


def epoch_s(moment: datetime) -> int:
    """Seconds since 1970, which DynamoDB's TTL wants."""
    return int(moment.timestamp())


def job_item(job: Job) -> Item:
    attributes = {
        "owner": job.owner,
        "status": job.status,
        "priority": job.priority,
        "total": job.total,
        "completed": job.completed,
        "failed": job.failed,
        "remaining": job.remaining,
        "version": job.version,
        "created_at": job.created_at,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
        "callback_url": job.callback_url,
        "on_error": job.on_error,
        "round": job.round,
        "deadline_at": job.deadline_at,
        "seen_version": job.seen_version,
        "sweeps": job.sweeps,
        "expires_at": epoch_s(job.expires_at),
    }
    return job_key(job.job_id) | to_values(attributes | _due(job))


def _due(job: Job) -> dict[str, object]:
    """The keys of the sparse index: a job with nothing left to do has none, and so is not in it."""
    if job.check_at is None:
        return {}
    return {"open_shard": open_shard(job.job_id[0]), "check_at": job.check_at}


def open_shard(digit: str) -> str:
    """Open jobs are spread by the first digit of their id: an index partition takes 1,000 writes a second."""
    return f"OPEN#{digit}"


def job_of(item: Mapping[str, Any]) -> Job:
    """The job that an item, a stream image or an update's answer holds."""
    values = from_item(item)
    return Job(
        job_id=values["PK"].removeprefix(JOB_PREFIX),
        owner=values["owner"],
        status=JobStatus(values["status"]),
        priority=Priority(values["priority"]),
        total=int(values["total"]),
        completed=int(values["completed"]),
        failed=int(values["failed"]),
        version=int(values["version"]),
        created_at=moment(values["created_at"]),
        started_at=_moment_at(values, "started_at"),
        completed_at=_moment_at(values, "completed_at"),
        callback_url=values.get("callback_url"),
        on_error=OnError(values["on_error"]),
        round=int(values["round"]),
        deadline_at=_moment_at(values, "deadline_at"),
        check_at=_moment_at(values, "check_at"),
        seen_version=int(values["seen_version"]),
        sweeps=int(values["sweeps"]),
        expires_at=datetime.fromtimestamp(int(values["expires_at"]), UTC),
    )


def file_item(job: Job, result: FileResult, expires_at: datetime) -> Item:
    attributes: dict[str, object] = {"expires_at": epoch_s(expires_at), "round": job.round}
    if isinstance(result, FailedFile):
        attributes |= {"error_code": result.error_code}
    else:
        attributes |= {
            "key": result.stored.key,
            "size": result.stored.size,
            "etag": result.stored.etag,
            "url": result.link.url,
            "url_expires_at": result.link.expires_at,
        }
    return job_key(job.job_id, file_sort_key(result.file_id)) | to_values(attributes)


def recorded_of(item: Mapping[str, Any]) -> Recorded:
    values = from_item(item)
    return Recorded(_result_of(values), int(values["round"]))


def _result_of(values: Mapping[str, Any]) -> FileResult:
    file_id = int(values["SK"].removeprefix(FILE_PREFIX))
    if "error_code" in values:
        return FailedFile(file_id, ErrorCode(values["error_code"]))
    return PreparedFile(
        file_id,
        StoredObject(values["key"], int(values["size"]), values["etag"]),
        SignedUrl(values["url"], moment(values["url_expires_at"])),
    )


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else value


def _moment_at(values: Mapping[str, Any], name: str) -> datetime | None:
    return moment(values[name]) if name in values else None


def moment(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
