"""Prepare one file: look at it in the store and sign its URL."""

from datetime import datetime

from downloads.file import PreparedFile
from downloads.ports import Objects


def prepare(file_id: int, objects: Objects, now: datetime) -> PreparedFile:
    """The file's result with a link. Raises ObjectUnreadableError or StoreUnavailableError."""
    found = objects.head(file_id)
    return PreparedFile(file_id, found, objects.presign(file_id, now))
