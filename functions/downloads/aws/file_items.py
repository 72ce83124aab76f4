"""A file's result as its item in the table, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from downloads.aws import items
from downloads.changes import Recorded
from downloads.file import ErrorCode, FailedFile, FileResult, PreparedFile, SignedUrl, StoredObject
from downloads.model import Job


def file_item(job: Job, result: FileResult, expires_at: datetime) -> items.Item:
    attributes: dict[str, object] = {"expires_at": items.epoch_s(expires_at), "round": job.round}
    if isinstance(result, FailedFile):
        attributes |= {"error_code": result.error_code}
    else:
        attributes |= {
            "key": result.stored.key,
            "size": result.stored.size,
            "etag": result.stored.etag,
            "etag_is_md5": result.stored.etag_is_md5 or None,
            "url": result.link.url,
            "url_expires_at": result.link.expires_at,
        }
    return items.job_key(job.job_id, items.file_sort_key(result.file_id)) | items.to_values(attributes)


def recorded_of(item: Mapping[str, Any]) -> Recorded:
    values = items.from_item(item)
    return Recorded(_result_of(values), int(values["round"]))


def _result_of(values: Mapping[str, Any]) -> FileResult:
    file_id = int(values["SK"].removeprefix(items.FILE_PREFIX))
    if "error_code" in values:
        return FailedFile(file_id, ErrorCode(values["error_code"]))
    return PreparedFile(
        file_id,
        StoredObject(values["key"], int(values["size"]), values["etag"], bool(values.get("etag_is_md5"))),
        SignedUrl(values["url"], items.moment(values["url_expires_at"])),
    )
