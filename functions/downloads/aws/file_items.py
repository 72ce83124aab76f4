"""How a file stands as its item in the table, and back: its result, or that it waits for its restore."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from downloads.aws import items, spread
from downloads.changes import Recorded
from downloads.file import (
    ErrorCode,
    FailedFile,
    FileStanding,
    PreparedFile,
    RestoringFile,
    StoredObject,
)
from downloads.model import Job


def file_item(job: Job, result: FileStanding, expires_at: datetime, at: datetime) -> items.Item:
    """``at`` is when it came to stand so: nobody but an operator asks for it."""
    attributes: dict[str, object] = {"expires_at": items.epoch_s(expires_at), "round": job.round, "at": at}
    if isinstance(result, FailedFile):
        attributes |= {"error_code": result.error_code}
    elif isinstance(result, RestoringFile):
        attributes |= {"ready_at": result.ready_at}
    else:
        attributes |= {
            "key": result.stored.key,
            "size": result.stored.size,
            "etag": result.stored.etag,
            "etag_is_md5": result.stored.etag_is_md5 or None,
            "copy_until": result.stored.copy_until,
        }
    return spread.file_key(job, result.file_id) | items.to_values(attributes)


def recorded_of(item: Mapping[str, Any]) -> Recorded[FileStanding]:
    values = items.from_item(item)
    return Recorded(_result_of(values), int(values["round"]))


def _result_of(values: Mapping[str, Any]) -> FileStanding:
    file_id = int(values["SK"].removeprefix(items.FILE_PREFIX))
    if "error_code" in values:
        return FailedFile(file_id, ErrorCode(values["error_code"]))
    if "ready_at" in values:
        return RestoringFile(file_id, items.moment(values["ready_at"]))
    return PreparedFile(
        file_id,
        StoredObject(
            values["key"],
            int(values["size"]),
            values["etag"],
            bool(values.get("etag_is_md5")),
            copy_until=items.moment_at(values, "copy_until"),
        ),
    )
