"""Where a file or an archive stands, in words."""

from collections.abc import Iterable
from datetime import datetime

from delineate import words
from delineate.contracts import Bundle, FileState
from delineate.standing import FileStatus

RESTORING = "RESTORING"


def in_words(file: FileState, now: datetime) -> str:
    """What a person wants to know of a file: its size, why it failed, or what it waits for."""
    if file.status is FileStatus.FAILED:
        return f"{file.error or 'No reason was given.'} ({file.errorCode or 'FAILED'})"
    if file.status is FileStatus.COMPLETED:
        return f"ready  {words.size(file.size)}" if file.size is not None else "ready"
    if file.code == RESTORING:
        until = f", about {words.moment(file.estimatedReadyAt, now)}" if file.estimatedReadyAt else ""
        return f"being restored from the archive{until}"
    return str(file.status)


def bundle_in_words(bundle: Bundle) -> str:
    """How far the one archive is, or why there is none."""
    if bundle.status is FileStatus.FAILED:
        return f"{bundle.error or 'No reason was given.'} ({bundle.errorCode or 'FAILED'})"
    if bundle.status is FileStatus.COMPLETED:
        size = sum(archive.size or 0 for archive in bundle.archives) or bundle.bytesDone
        short = f", without {bundle.leftOut} of the files" if bundle.leftOut else ""
        return (f"ready  {words.size(size)}" if size else "ready") + short
    if bundle.status is FileStatus.PENDING and not bundle.bytesDone:
        return "waits for the files"
    of = f" of {words.size(bundle.bytesTotal)}" if bundle.bytesTotal else ""
    return f"{words.size(bundle.bytesDone)}{of}"


def restored_at(files: Iterable[FileState]) -> datetime | None:
    """When the last of the files that are being restored will be there; None when not one is."""
    waits = [file.estimatedReadyAt for file in files if file.code == RESTORING and not file.status.final]
    return max(filter(None, waits), default=None)
