"""Prepare one file: look at it in the store and sign its URL."""

from datetime import datetime

from downloads.errors import ArchivedError, ObjectUnreadableError
from downloads.file import PreparedFile, SignedUrl, StoredObject
from downloads.ports import Objects
from downloads.spans import UNTRACED, Spans


def prepare(file_id: int, objects: Objects, now: datetime, spans: Spans = UNTRACED) -> PreparedFile:
    """The file's result with a link. Raises ArchivedError, ObjectUnreadableError or StoreUnavailableError."""
    found = _look(file_id, objects, spans)
    if found.cold:
        raise ArchivedError(found)
    with spans.span("presign", {"file.id": file_id}):
        return PreparedFile(file_id, found, link_to(file_id, found, objects, now))


def link_to(file_id: int, stored: StoredObject, objects: Objects, now: datetime) -> SignedUrl:
    """A link that is not said to work for longer than there is something to read."""
    link = objects.presign(file_id, now)
    if stored.copy_until is None or stored.copy_until >= link.expires_at:
        return link
    return SignedUrl(link.url, stored.copy_until)


def _look(file_id: int, objects: Objects, spans: Spans) -> StoredObject:
    with spans.span("s3_check", {"file.id": file_id}) as span:
        try:
            found = objects.head(file_id)
        except ObjectUnreadableError:
            span.note({"s3.available": False})
            raise
        span.note({"s3.available": found.cold is None})
        return found
