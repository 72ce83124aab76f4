"""What operators' commands write on: the terminal as it is, or a wide sheet where there is none."""

from rich.console import Console

PLAIN_WIDTH, PLAIN_HEIGHT = 160, 60
"""The room of what goes into a file or a pipe, which has no window."""


def roomy() -> Console:
    """A console on stdout, wide enough for a line to stay one where no window says otherwise."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)
