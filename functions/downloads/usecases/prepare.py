"""Prepare one file: look at it in the store and sign its URL."""

from datetime import datetime

from downloads.errors import ObjectUnreadableError
from downloads.file import PreparedFile, StoredObject
from downloads.ports import Objects
from downloads.spans import UNTRACED, Spans


def prepare(file_id: int, objects: Objects, now: datetime, spans: Spans = UNTRACED) -> PreparedFile:
    """The file's result with a link. Raises ObjectUnreadableError or StoreUnavailableError."""
    found = _look(file_id, objects, spans)
    with spans.span("presign", {"file.id": file_id}):
        return PreparedFile(file_id, found, objects.presign(file_id, now))


def _look(file_id: int, objects: Objects, spans: Spans) -> StoredObject:
    with spans.span("s3_check", {"file.id": file_id}) as span:
        try:
            found = objects.head(file_id)
        except ObjectUnreadableError:
            span.note({"s3.available": False})
            raise
        span.note({"s3.available": True})
        return found
