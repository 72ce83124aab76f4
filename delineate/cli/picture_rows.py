"""The rows of a picture: one a file where they fit, else those under way and those that failed last."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from delineate import words
from delineate.cli.board import FAILURES_SHOWN, Board, Transfer
from delineate.cli.standing import in_words
from delineate.contracts import FileState
from delineate.download.report import Fate, Outcome
from delineate.standing import FileStatus

ACTIVE_SHOWN = 8
MARKS = {FileStatus.COMPLETED: ("✓", "green"), FileStatus.FAILED: ("✗", "red")}
Row = tuple[Text, Text, RenderableType, Text]


def as_table(given: list[Row]) -> Table:
    """The rows under one another, each of one line."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=32)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for row in given:
        table.add_row(*row)
    return table


def rows(board: Board, bar: int, room: int, closing: bool) -> Iterator[Row]:
    """A row for each file where they fit, else for those under way and those that failed last."""
    archives = [transfer for transfer in board.active.values() if transfer.file_id < 0]
    files = [transfer for transfer in board.active.values() if transfer.file_id >= 0]
    yield from (_transfer(transfer, bar) for transfer in archives)
    if board.known and len(board.known) <= room - len(archives):
        failed = {id_ for id_, outcome in board.outcomes.items() if outcome.fate is Fate.FAILED}
        if not board.bringing:
            failed = {file.file_id for file in board.state.having(FileStatus.FAILED)}
        for file_id in sorted(board.known - failed if closing else board.known):
            yield _row(board, file_id, bar)
        return
    if closing:
        return
    shown = files[: min(ACTIVE_SHOWN, room)]
    yield from (_transfer(transfer, bar) for transfer in shown)
    yield from _failures(board, room - len(shown))
    if told := _others(board):
        yield Text("·", "dim"), Text("others", "dim"), Text(), Text(told, "dim")


def _failures(board: Board, room: int) -> Iterator[Row]:
    """The last ones, as many as fit."""
    if room > 0 and board.bringing:
        yield from map(_ended, list(board.failures)[-room:])
    if room > 0 and not board.bringing:
        failed = board.state.having(FileStatus.FAILED)[-min(room, FAILURES_SHOWN) :]
        yield from (_stated(file.file_id, file) for file in failed)


def _others(board: Board) -> str:
    progress = board.state.progress
    ready = progress.completed - board.on_disk - len(board.active)
    pending = progress.total - progress.completed - progress.failed
    told = [f"{pending:,} in preparation"] if pending else []
    if not board.bringing:
        return ", ".join([*told, f"{progress.completed:,} ready"] if progress.completed else told)
    return ", ".join([*told, f"{ready:,} waiting for their turn"] if ready > 0 else told)


def _row(board: Board, file_id: int, bar: int) -> Row:
    if outcome := board.outcomes.get(file_id):
        return _ended(outcome)
    if transfer := board.active.get(file_id):
        return _transfer(transfer, bar)
    file = board.state.files.get(file_id)
    if board.bringing and file and file.status is FileStatus.COMPLETED:
        return Text("·", "dim"), Text(str(file_id), "dim"), Text(), Text("waiting for its turn", "dim")
    return _stated(file_id, file)


def _transfer(transfer: Transfer, bar: int) -> Row:
    done = max(0, transfer.position)
    told = f"{words.size(done)} of {words.size(transfer.size)}" if transfer.size else words.size(done)
    mark = Text("↓", "cyan")
    return mark, Text(transfer.name), ProgressBar(transfer.size or None, done, width=bar), Text(told)


def _ended(outcome: Outcome) -> Row:
    if outcome.fate is Fate.FAILED:
        why = Text(f"{outcome.error} ({outcome.error_code})", "red")
        return Text("✗", "red"), Text(str(outcome.file_id)), Text("failed", "red"), why
    name = outcome.path.name if outcome.path else str(outcome.file_id)
    told = "already there" if outcome.fate is Fate.PRESENT else "saved"
    return Text("✓", "green"), Text(name), Text(told, "green"), Text(words.size(outcome.size))


def _stated(file_id: int, file: FileState | None) -> Row:
    """A file as the job tells of it, where it is not brought or not yet."""
    if file is None:
        return Text("·", "dim"), Text(str(file_id), "dim"), Text(), Text("in preparation", "dim")
    mark, style = MARKS.get(file.status, ("·", "dim"))
    told = in_words(file, datetime.now(UTC))
    waits = file.status is FileStatus.PENDING or (file.status is FileStatus.PROCESSING and not file.code)
    return (
        Text(mark, style),
        Text(str(file_id), "dim" if waits else ""),
        Text(),
        Text("in preparation" if waits else told, style),
    )
