"""Cursors: where a page ended, opaque to callers. They carry a place, never a right."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

from downloads.errors import BadCursorError
from downloads.model import Place

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def file_cursor(after: int | None) -> str | None:
    return _wrapped(str(after)) if after else None


def file_after(cursor: str | None) -> int:
    """Raises BadCursorError for anything but a cursor that this service gave."""
    try:
        return int(_unwrapped(cursor)) if cursor is not None else 0
    except ValueError as error:
        raise BadCursorError from error


def place_cursor(place: Place | None) -> str | None:
    """The owner is no part of it: a list always begins with the caller's own."""
    if place is None:
        return None
    return _wrapped(f"{round((place.created_at - EPOCH) / timedelta(milliseconds=1))} {place.job_id}")


def place_after(cursor: str | None) -> Place | None:
    """Raises BadCursorError for anything that cannot be a cursor of this service."""
    if cursor is None:
        return None
    try:
        milliseconds, job_id = _unwrapped(cursor).split(" ")
        return Place(EPOCH + timedelta(milliseconds=int(milliseconds)), str(UUID(job_id)))
    except (ValueError, OverflowError) as error:
        raise BadCursorError from error


def _wrapped(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unwrapped(cursor: str) -> str:
    padding = "=" * (-len(cursor) % 4)
    return base64.b64decode(cursor + padding, altchars=b"-_", validate=True).decode("ascii")
