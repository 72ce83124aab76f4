"""Links to files that are ready: made for the answer that hands them out, with all of their life left."""

from datetime import datetime

from downloads.errors import FileFailedError
from downloads.file import ErrorCode, FailedFile, FileStanding, LinkedFile, PreparedFile, SignedUrl
from downloads.ports import Objects
from downloads.usecases.read import Page


def linked(page: Page, objects: Objects, now: datetime) -> Page:
    """The page with a link to each file that is ready; one whose restored copy is gone has failed."""
    return Page([(file_id, _shown(result, objects, now)) for file_id, result in page.files], page.after)


def linked_file(file: PreparedFile, objects: Objects, now: datetime) -> LinkedFile:
    """The file with a link that is not said to work for longer than there is something to read.

    Raises FileFailedError when the restored copy is gone that the link would lead to.
    """
    link, until = objects.presign(file.file_id, now), file.stored.copy_until
    if until is None or until >= link.expires_at:
        return LinkedFile(file.file_id, file.stored, link)
    if until <= now:
        raise FileFailedError(FailedFile(file.file_id, ErrorCode.ARCHIVED))
    return LinkedFile(file.file_id, file.stored, SignedUrl(link.url, until))


def _shown(result: FileStanding | None, objects: Objects, now: datetime) -> FileStanding | None:
    if not isinstance(result, PreparedFile):
        return result
    try:
        return linked_file(result, objects, now)
    except FileFailedError as gone:
        return FailedFile(result.file_id, gone.code)
