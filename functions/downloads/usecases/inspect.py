"""Look at the store directly: is a file there, and the older call that waits for one file."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from downloads.errors import (
    ArchivedError,
    DependencyDownError,
    FileFailedError,
    ObjectUnreadableError,
    StoreUnavailableError,
)
from downloads.file import ErrorCode, FailedFile, LinkedFile, StoredObject
from downloads.ports import Dependency, Objects
from downloads.spans import UNTRACED, Spans
from downloads.usecases.link import linked_file
from downloads.usecases.prepare import prepare


def check(file_id: int, objects: Objects) -> StoredObject | None:
    """The stored object, or None when it is missing or may not be read. Raises StoreUnavailableError."""
    try:
        return objects.head(file_id)
    except ObjectUnreadableError:
        return None


def start(file_id: int, objects: Objects, now: datetime, spans: Spans = UNTRACED) -> LinkedFile | FailedFile:
    """Prepares one file while the caller waits; a fault of the store is a failed result, not an error.

    Nobody can wait for a restore: an archived file fails, and none is begun.
    """
    try:
        file = prepare(file_id, objects, spans)
        with spans.span("presign", {"file.id": file_id, "files": 1}):
            return linked_file(file, objects, now)
    except ArchivedError:
        return FailedFile(file_id, ErrorCode.ARCHIVED)
    except (FileFailedError, ObjectUnreadableError, StoreUnavailableError) as error:
        return FailedFile(file_id, error.code)


def health(dependencies: dict[str, Dependency]) -> dict[str, bool]:
    """Asks every dependency; True for each that answered."""
    with ThreadPoolExecutor(max_workers=len(dependencies)) as pool:
        return dict(zip(dependencies, pool.map(_answers, dependencies.values()), strict=True))


def _answers(dependency: Dependency) -> bool:
    try:
        dependency.ping()
    except DependencyDownError:
        return False
    return True
