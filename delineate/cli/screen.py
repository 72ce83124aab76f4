"""How a running download looks on stderr: a live picture on a terminal, plain lines elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.live import Live

from delineate.cli.board import Board
from delineate.cli.picture import draw
from delineate.cli.plain import PlainLines
from delineate.download.download import Plan
from delineate.download.listener import Listener

FRAMES_PER_SECOND = 8


@contextmanager
def screen(plan: Plan, bringing: bool = True) -> Iterator[Listener]:
    """A listener that shows what it hears, as suits what stderr is; `bringing` files, or none."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal or console.is_dumb_terminal:
        yield PlainLines()
        return
    board = Board(plan.state, plan.file_ids, bringing=bringing)
    with _drawn(board, console):
        yield board


@contextmanager
def _drawn(board: Board, console: Console) -> Iterator[None]:
    closing = False

    def picture() -> RenderableType:
        with board:
            return draw(board, console.width, console.height, closing)

    with Live(get_renderable=picture, console=console, refresh_per_second=FRAMES_PER_SECOND):
        try:
            yield
        finally:
            closing = True
