"""Prepare one file: look at it in the store."""

from downloads.errors import ArchivedError, ObjectUnreadableError
from downloads.file import PreparedFile, StoredObject
from downloads.ports import Objects
from downloads.spans import UNTRACED, Spans


def prepare(file_id: int, objects: Objects, spans: Spans = UNTRACED) -> PreparedFile:
    """The file's result. Raises ArchivedError, ObjectUnreadableError or StoreUnavailableError."""
    found = _look(file_id, objects, spans)
    if found.cold:
        raise ArchivedError(found)
    return PreparedFile(file_id, found)


def _look(file_id: int, objects: Objects, spans: Spans) -> StoredObject:
    with spans.span("s3_check", {"file.id": file_id}) as span:
        try:
            found = objects.head(file_id)
        except ObjectUnreadableError:
            span.note({"s3.available": False})
            raise
        span.note({"s3.available": found.cold is None})
        return found
