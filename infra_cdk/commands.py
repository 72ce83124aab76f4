"""Running other programs: quietly, and with the end of their output when they fail."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TAIL_LINES = 40


class CommandError(RuntimeError):
    """A program ended with an error; the text names it and holds the last 40 lines it wrote."""


def tail(text: str, lines: int = TAIL_LINES) -> str:
    """The last lines of a text."""
    return "\n".join(text.splitlines()[-lines:])


def run(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> str:
    """What a program wrote, both streams in one.

    Raises:
        CommandError: it did not end with 0.
    """
    done = subprocess.run(  # noqa: S603 # a list of our own words, no shell
        command,
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CommandError(f"{' '.join(command)} ended with {done.returncode}:\n{tail(done.stdout)}")
    return done.stdout
