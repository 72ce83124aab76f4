"""A job as its item in the table, and back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from downloads.aws import items, spread
from downloads.bundle import Bundle, BundleError, BundleFormat, BundleStatus
from downloads.file import Priority
from downloads.model import Job, JobStatus, OnError
from downloads.trace import Origin, Trace

# The version that whoever settled the job tells of: its stream record need not.
ANNOUNCED = "announced"


def job_item(job: Job) -> items.Item:
    over = spread.of(job)
    attributes = {
        "owner": job.owner,
        "status": job.status,
        "priority": job.priority,
        "total": job.total,
        "completed": job.completed,
        "failed": job.failed,
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
        "restored_by": job.restored_by,
        "origin": _origin_value(job.origin),
        "bundle": bundle_value(job.bundle),
        "kept": job.kept,
        "batches": job.batches,
        "partitions": over.partitions,
        "tallies": over.tallies,
        "expires_at": items.epoch_s(job.expires_at),
    }
    return items.job_key(job.job_id) | items.to_values(attributes | _due(job))


def _due(job: Job) -> dict[str, object]:
    """The keys of the sparse index: a job with nothing left to do has none, and so is not in it."""
    if job.check_at is None:
        return {}
    return {"open_shard": items.open_shard(job.job_id[0]), "check_at": job.check_at}


def job_of(item: Mapping[str, Any]) -> Job:
    """The job that an item, a stream image or an update's answer holds."""
    values = items.from_item(item)
    return Job(
        job_id=values["PK"].removeprefix(items.JOB_PREFIX),
        owner=values["owner"],
        status=JobStatus(values["status"]),
        priority=Priority(values["priority"]),
        total=int(values["total"]),
        completed=int(values["completed"]),
        failed=int(values["failed"]),
        version=int(values["version"]),
        created_at=items.moment(values["created_at"]),
        started_at=items.moment_at(values, "started_at"),
        completed_at=items.moment_at(values, "completed_at"),
        callback_url=values.get("callback_url"),
        on_error=OnError(values["on_error"]),
        round=int(values["round"]),
        deadline_at=items.moment_at(values, "deadline_at"),
        check_at=items.moment_at(values, "check_at"),
        seen_version=int(values["seen_version"]),
        sweeps=int(values["sweeps"]),
        origin=_origin_of(values.get("origin")),
        restored_by=items.moment_at(values, "restored_by"),
        bundle=_bundle_of(values.get("bundle")),
        kept=int(values["kept"]),
        batches=int(values["batches"]),
        spread=spread.other(values),
        expires_at=datetime.fromtimestamp(int(values["expires_at"]), UTC),
    )


def _origin_value(origin: Origin | None) -> dict[str, str] | None:
    """Names of one letter, and nothing said twice: they are written with every change of the job."""
    if origin is None:
        return None
    told = {"r": origin.request_id, "t": origin.trace.traceparent}
    same = origin.correlation_id == origin.request_id
    return told if same else told | {"c": origin.correlation_id}


def _origin_of(value: Mapping[str, str] | None) -> Origin | None:
    trace = Trace.of_traceparent(value["t"]) if value else None
    return Origin(value["r"], value.get("c", value["r"]), trace) if value and trace else None


def bundle_value(bundle: Bundle | None) -> dict[str, object] | None:
    """Names of one letter, as above."""
    if bundle is None:
        return None
    told: dict[str, object] = {"f": bundle.format.value, "s": bundle.status.value}
    if bundle.total:
        told |= {"d": bundle.done, "t": bundle.total}
    if bundle.begun_at:
        told["b"] = items.epoch_ms(bundle.begun_at)
    if bundle.left_out:
        told["o"] = bundle.left_out
    return told | {"e": bundle.error.value} if bundle.error else told


def _bundle_of(value: Mapping[str, Any] | None) -> Bundle | None:
    if value is None:
        return None
    return Bundle(
        BundleFormat(value["f"]),
        BundleStatus(value["s"]),
        int(value.get("d", 0)),
        int(value.get("t", 0)),
        items.moment_at(value, "b"),
        BundleError(value["e"]) if "e" in value else None,
        int(value.get("o", 0)),
    )
