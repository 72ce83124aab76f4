"""Progress of a long command: what was done, and how many seconds it took."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from rich.console import Console

Step = Callable[[str], AbstractContextManager[None]]
"""Wraps one piece of work, named by what is true after it."""


@contextmanager
def silent(name: str) -> Iterator[None]:  # noqa: ARG001 # a Step
    """Tells nobody."""
    yield


def timed(console: Console) -> Step:
    """Steps shown while they run, each left as a line with its seconds."""

    @contextmanager
    def step(name: str) -> Iterator[None]:
        began = time.monotonic()
        with console.status(name):
            yield
        console.print(f"[green]✓[/] {name} [dim]{time.monotonic() - began:.1f} s[/]", highlight=False)

    return step
