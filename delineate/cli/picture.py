"""A board drawn for a terminal: two bars for the job, a row a file, never taller than the window."""

from collections.abc import Iterator
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from delineate import words
from delineate.cli.board import FAILURES_SHOWN, Board, Transfer
from delineate.cli.standing import bundle_in_words, in_words, restored_at
from delineate.contracts import Bundle, FileState
from delineate.download.report import Fate, Outcome
from delineate.standing import FileStatus, JobStatus

HEAD_LINES = 8
ACTIVE_SHOWN = 8
MOST_ROWS = 20
BAR_WIDTHS = (12, 40)
MARKS = {FileStatus.COMPLETED: ("✓", "green"), FileStatus.FAILED: ("✗", "red")}
Row = tuple[Text, Text, RenderableType, Text]


def draw(board: Board, width: int, height: int, closing: bool = False) -> RenderableType:
    """The whole picture; when `closing`, without the failures, which are then told in full below it."""
    bar = min(max(width - 48, BAR_WIDTHS[0]), BAR_WIDTHS[1])
    parts: list[RenderableType] = [_job(board, bar)]
    rows = list(_rows(board, bar // 2, max(1, min(MOST_ROWS, height - HEAD_LINES)), closing))
    if rows:
        parts += [Text(), _files(rows)]
    if board.last_note and not closing:
        parts += [Text(board.last_note, style="yellow", no_wrap=True, overflow="ellipsis")]
    return Group(*parts)


def _job(board: Board, bar: int) -> Table:
    progress, grid = board.state.progress, _grid()
    total = progress.total or None
    prepared = progress.completed + progress.failed
    grid.add_row(Text("Prepared"), ProgressBar(total, prepared, width=bar), _prepared(board))
    if board.state.bundle:
        grid.add_row(Text("Archive"), *_bundle(board.state.bundle, bar))
    if board.bringing:
        grid.add_row(Text("On disk"), ProgressBar(total, board.on_disk, width=bar), _stored(board))
    grid.add_row(Text("Time"), Text(words.span(board.elapsed())), _left(board))
    return grid


def _bundle(bundle: Bundle, bar: int) -> tuple[ProgressBar, Text]:
    failed = bundle.status is FileStatus.FAILED
    percentage = 100 if bundle.status is FileStatus.COMPLETED else bundle.percentage
    return ProgressBar(100, percentage, width=bar), Text(bundle_in_words(bundle), "red" if failed else "")


def _left(board: Board) -> Text:
    status, preparing, bringing = board.state.status, board.seconds_left(), board.seconds_to_bring()
    if status is JobStatus.CANCELLED:
        return Text("cancelled", "red")
    if status.ended and not board.bringing:
        return Text(str(status), "dim")
    if status.ended:
        return Text(f"on disk in about {words.span(bringing)}" if bringing else "all prepared", "dim")
    if restored := restored_at(board.state.files.values()):
        return Text(f"prepared about {words.moment(restored, datetime.now(UTC))}", "dim")
    return Text(f"prepared in about {words.span(preparing)}" if preparing else str(status), "dim")


def _grid() -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=8)
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    return grid


def _prepared(board: Board) -> Text:
    progress = board.state.progress
    text = Text(f"{progress.completed:,} of {progress.total:,}")
    if progress.failed:
        text.append(f" · {progress.failed:,} failed", "red")
    return text


def _stored(board: Board) -> Text:
    text = Text(f"{board.on_disk:,} of {board.state.progress.total:,} · {words.size(board.stored)}")
    rate = board.rate()
    if board.active and rate:
        text.append(f" · {words.size(rate)}/s", "cyan")
    return text


def _files(rows: list[Row]) -> Table:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", max_width=32)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    for row in rows:
        table.add_row(*row)
    return table


def _rows(board: Board, bar: int, room: int, closing: bool) -> Iterator[Row]:
    """A row for each file where they fit, else for those under way and those that failed last."""
    archives = [transfer for transfer in board.active.values() if transfer.file_id < 0]
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
    shown = list(board.active.values())[: min(ACTIVE_SHOWN, room)]
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
