"""What a manifest tells of one file, whatever its format."""

from collections.abc import Callable
from dataclasses import dataclass

from downloads.file import FailedFile, FileStanding, FileStatus, LinkedFile, RestoringFile


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a job, under a name that is safe to write and the only one of its job."""

    file_id: int
    name: str
    result: FileStanding | None

    @property
    def ready(self) -> LinkedFile | None:
        return self.result if isinstance(self.result, LinkedFile) else None

    @property
    def failed(self) -> FailedFile | None:
        return self.result if isinstance(self.result, FailedFile) else None

    @property
    def status(self) -> FileStatus:
        if self.ready:
            return FileStatus.COMPLETED
        if isinstance(self.result, RestoringFile):
            return FileStatus.PROCESSING
        return FileStatus.FAILED if self.failed else FileStatus.PENDING


@dataclass(frozen=True, slots=True)
class Writer:
    """A format: what stands before, after and for each file; an empty text leaves the file out."""

    media_type: str
    extension: str
    entry: Callable[[Entry], str]
    head: str = ""
    foot: str = ""
    # Whether a document without a single file would be none by the format's own rules.
    needs_a_file: bool = False
