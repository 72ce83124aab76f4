"""The table's items as an operator may see them: read in part, so that no URL arrives here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
JOB, FILE, DELIVERY = "JOB#", "FILE#", "DELIVERY#"
FILE_PARTITIONS = 8
"""Files of a job lie in so many partitions at most, unless its item says otherwise."""
OPEN = frozenset({"queued", "processing"})
OWNER_DIGITS = 16
# Everything of a job item but `callback_url`; reserved words of DynamoDB's have another name here.
JOB_FIELDS = (
    "PK", "owner", "status", "priority", "total", "completed", "failed", "version", "created_at",
    "started_at", "completed_at", "on_error", "round", "deadline_at", "check_at", "sweeps", "expires_at",
    "origin",
)  # fmt: skip


def projection(fields: tuple[str, ...]) -> dict[str, Any]:
    """The parameters that make DynamoDB answer with these attributes alone."""
    names = {f"#{name}": name for name in fields}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}


def job_key(job_id: str) -> dict[str, Any]:
    """Where a job's own item lies."""
    return {"PK": {"S": f"{JOB}{job_id}"}, "SK": {"S": "JOB"}}


def text(item: Item, name: str) -> str | None:
    """An attribute's text, None where there is none."""
    return item[name].get("S") if name in item else None


def number(item: Item, name: str) -> int | None:
    """An attribute's whole number, None where there is none."""
    return int(item[name]["N"]) if "N" in item.get(name, {}) else None


def moment(item: Item, name: str) -> datetime | None:
    """An attribute's time, kept in milliseconds since 1970, None where there is none."""
    found = number(item, name)
    return None if found is None else datetime.fromtimestamp(found / 1000, UTC)


def who(owner: str) -> str:
    """An owner as the logs name one: the first 16 hexadecimal digits of its SHA-256."""
    return sha256(owner.encode()).hexdigest()[:OWNER_DIGITS]


@dataclass(frozen=True)
class Origin:
    """The ids of the request that asked for a job's last round; `correlation_id` only where it differs."""

    request_id: str | None = None
    correlation_id: str | None = None
    trace_id: str | None = None


@dataclass(frozen=True)
class Job:
    """A job item; times that have not come are None, `who` is its owner's digest."""

    job_id: str
    who: str
    status: str
    priority: str
    total: int
    completed: int
    failed: int
    version: int
    round: int
    sweeps: int
    created_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    deadline_at: datetime | None = None
    check_at: datetime | None = None
    expires_at: datetime | None = None
    on_error: str = "continue"
    origin: Origin | None = None

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.status in OPEN

    @property
    def done(self) -> int:
        """Its files with a result."""
        return self.completed + self.failed


def job_of(item: Item) -> Job:
    """The job that an item holds. Raises LookupError or ValueError when it is none."""
    expires = number(item, "expires_at")
    created = moment(item, "created_at")
    if created is None:
        raise LookupError("created_at")
    counts = {name: int(item[name]["N"]) for name in ("total", "completed", "failed", "version")}
    return Job(
        job_id=item["PK"]["S"].removeprefix(JOB),
        who=who(item["owner"]["S"]),
        status=item["status"]["S"],
        priority=text(item, "priority") or "normal",
        round=number(item, "round") or 1,
        sweeps=number(item, "sweeps") or 0,
        created_at=created,
        started_at=moment(item, "started_at"),
        ended_at=moment(item, "completed_at"),
        deadline_at=moment(item, "deadline_at"),
        check_at=moment(item, "check_at"),
        expires_at=datetime.fromtimestamp(expires, UTC) if expires else None,
        on_error=text(item, "on_error") or "continue",
        origin=_origin(item["origin"]["M"]) if "M" in item.get("origin", {}) else None,
        **counts,
    )


def _origin(told: Item) -> Origin:
    """What a job item keeps under names of one letter; a traceparent's second part is its trace."""
    parts = (text(told, "t") or "").split("-")
    return Origin(text(told, "r"), text(told, "c"), parts[1] if len(parts) > 1 else None)
