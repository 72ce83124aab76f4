"""A board drawn for a terminal: two bars for the job, a row a file, never taller than the window."""

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from delineate import words
from delineate.cli import picture_rows
from delineate.cli.board import Board
from delineate.cli.standing import bundle_in_words, restored_at
from delineate.contracts import Bundle
from delineate.standing import FileStatus, JobStatus

HEAD_LINES = 8
MOST_ROWS = 20
BAR_WIDTHS = (12, 40)


def draw(board: Board, width: int, height: int, closing: bool = False) -> RenderableType:
    """The whole picture; when `closing`, without the failures, which are then told in full below it."""
    bar = min(max(width - 48, BAR_WIDTHS[0]), BAR_WIDTHS[1])
    parts: list[RenderableType] = [_job(board, bar)]
    rows = list(picture_rows.rows(board, bar // 2, max(1, min(MOST_ROWS, height - HEAD_LINES)), closing))
    if rows:
        parts += [Text(), picture_rows.as_table(rows)]
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
