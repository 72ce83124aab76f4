"""The command `admin top`: a live screen on a terminal, one table elsewhere, or one document."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.live import Live

from delineate.cli.ending import print_document, say
from delineate.operator.cloud import ClientOf, aws, find
from delineate.operator.look import Observer
from delineate.operator.paper import PLAIN_HEIGHT, roomy
from delineate.operator.scene import Scene, Watcher
from delineate.operator.top_picture import draw


@dataclass(frozen=True)
class Wish:
    """What was asked for; `every` is in seconds."""

    stack: str
    every: float = 2.0
    once: bool = False
    as_json: bool = False


def show(
    wish: Wish,
    client_of: ClientOf = aws,
    console: Console | None = None,
    wait: Callable[[float], None] = time.sleep,
) -> None:
    """Show the stack until Ctrl-C, or once, by two looks. Raises AdminFault only before the first look."""
    console = console or roomy()
    watcher = Watcher(wish.stack, Observer(find(wish.stack, client_of), client_of))
    if wish.as_json:
        print_document(_twice(watcher, wish.every, wait).document())
    elif wish.once or not console.is_terminal:
        height = console.height if console.is_terminal else PLAIN_HEIGHT
        console.print(draw(_twice(watcher, wish.every, wait), console.width, height))
    else:
        _go_on(watcher, wish.every, console, wait)


def _twice(watcher: Watcher, every: float, wait: Callable[[float], None]) -> Scene:
    """The scene of a second look: one alone knows no rates, and nothing of who works."""
    first = watcher.next()
    if not first.look.seen and first.look.queues is None:
        return first
    say(f"Looking twice, {every:g} s apart.")
    wait(every)
    return watcher.next()


def _go_on(watcher: Watcher, every: float, console: Console, wait: Callable[[float], None]) -> None:
    scene = watcher.next()

    def picture() -> RenderableType:
        return draw(scene, console.width, console.height)

    # Drawn by the loop itself, so that what a resized window or a slow AWS does is seen at the next look.
    with Live(get_renderable=picture, console=console, auto_refresh=False, vertical_overflow="crop") as live:
        while True:
            live.refresh()
            wait(every)
            scene = watcher.next()
