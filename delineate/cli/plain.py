"""A download told in lines, for logs and pipes: no control codes, bounded for big jobs."""

import threading

import typer

from delineate import words
from delineate.download.report import Fate, Outcome
from delineate.progress import JobState

FEW_FILES = 20
STEP_PERCENT = 10


class PlainLines:
    """A `Listener` that writes to stderr: a line a file for small jobs, a line every tenth for others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._on_disk = 0
        self._told = 0
        self._total = 0
        self._last = ""

    def job(self, state: JobState) -> None:
        """See `Listener`."""
        self._total = state.progress.total
        tenth = int(state.progress.percentage) // STEP_PERCENT
        if tenth <= self._told:
            return
        self._told = tenth
        failed = f", {state.progress.failed:,} failed" if state.progress.failed else ""
        line = f"Prepared {state.progress.completed:,} of {words.files(self._total)}{failed}."
        # The archive of a job counts for its percentage too.
        if line != self._last:
            self._say(line)
        self._last = line

    def note(self, line: str) -> None:
        """See `Listener`."""
        self._say(line)

    def started(self, file_id: int, name: str, size: int | None) -> None:
        """See `Listener`."""

    def moved(self, file_id: int, position: int) -> None:
        """See `Listener`."""

    def ended(self, outcome: Outcome) -> None:
        """See `Listener`; failures are not told here, the end names them all."""
        if outcome.fate is Fate.FAILED:
            return
        with self._lock:
            self._on_disk += 1
            count = self._on_disk
        if self._total <= FEW_FILES:
            told = "already there" if outcome.fate is Fate.PRESENT else "saved"
            self._say(f"{outcome.path}: {told}, {words.size(outcome.size)}")
        elif count * 100 // self._total // STEP_PERCENT > (count - 1) * 100 // self._total // STEP_PERCENT:
            self._say(f"On disk {count:,} of {words.files(self._total)}.")

    @staticmethod
    def _say(line: str) -> None:
        typer.echo(line, err=True)
