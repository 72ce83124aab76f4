"""Whoever wants to know how a download goes: a screen, a log, a program."""

from typing import Protocol

from delineate.download.report import Outcome
from delineate.progress import JobState


class Listener(Protocol):
    """Told of everything as it happens, from several threads: implementations guard themselves."""

    def job(self, state: JobState) -> None:
        """The job has moved on."""

    def note(self, line: str) -> None:
        """Something a person should know."""

    def started(self, file_id: int, name: str, size: int | None) -> None:
        """A file's download begins; `size` in bytes."""

    def moved(self, file_id: int, position: int) -> None:
        """So many bytes of the file are on disk now."""

    def ended(self, outcome: Outcome) -> None:
        """A file is on disk, or will not be."""


class Deaf:
    """A `Listener` for whom nothing matters but the end."""

    def job(self, state: JobState) -> None:
        """See `Listener`."""

    def note(self, line: str) -> None:
        """See `Listener`."""

    def started(self, file_id: int, name: str, size: int | None) -> None:
        """See `Listener`."""

    def moved(self, file_id: int, position: int) -> None:
        """See `Listener`."""

    def ended(self, outcome: Outcome) -> None:
        """See `Listener`."""
