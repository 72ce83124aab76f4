"""Ids of files or jobs as people hand them over: as arguments, from a file, or on stdin."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from delineate.cli.ending import say

LONGEST_ID = 18
STDIN = "-"
APART = re.compile(r"[\s,;]+")
# A file of ids is read whole: one that is larger than any job could be is another file.
LARGEST_BYTES = 1 << 20

FileIds = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILE_ID", help="Ids of files; @FILE reads them there, - on stdin."),
]
From = Annotated[
    list[Path] | None,
    typer.Option("--from", metavar="FILE", help="Read ids there, one a line or apart by commas; - is stdin."),
]


def file_ids(given: Sequence[str] | None, files: Sequence[Path] | None) -> list[int]:
    """All ids, in their order. Raises `typer.BadParameter` naming what is none, and where it stands."""
    sources = [*(given or ()), *(f"@{path}" for path in files or ())]
    return [number for source in sources for number in _ids(source)]


def _ids(source: str) -> Iterator[int]:
    if source in (STDIN, f"@{STDIN}"):
        yield from _listed(_typed(), "stdin")
    elif source.startswith("@"):
        yield from _listed(_filed(Path(source[1:])), source[1:])
    else:
        yield _number(source, "")


def _listed(text: str, where: str) -> Iterator[int]:
    """Ids apart by whitespace or commas; what stands behind # is for people."""
    found = False
    for line, content in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        for word in filter(None, APART.split(content.partition("#")[0])):
            found = True
            yield _number(word, f"{where}, line {line}: ")
    if not found:
        raise typer.BadParameter(f"No file id stands in {where}.")


def _number(text: str, where: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
        raise typer.BadParameter(f"{where}{_short(text)} is not a file id: ids are whole numbers.")
    return int(text)


def _short(text: str) -> str:
    return repr(text if len(text) <= 2 * LONGEST_ID else f"{text[: 2 * LONGEST_ID]}…")


def _typed() -> str:
    # A shell that closes it (`<&-`) leaves none.
    if sys.stdin is None:
        raise typer.BadParameter("stdin cannot be read: it is closed.")
    if sys.stdin.isatty():
        say("Type ids of files; a line with Ctrl-D (on Windows Ctrl-Z and Enter) ends them.")
    return _content(sys.stdin.buffer, "stdin")


def _filed(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return _content(file, str(path))
    except OSError as fault:
        raise typer.BadParameter(f"{path} cannot be read: {fault.strerror or fault}.") from fault


def _content(file: BinaryIO, where: str) -> str:
    content = file.read(LARGEST_BYTES + 1)
    if len(content) > LARGEST_BYTES:
        raise typer.BadParameter(f"{where} is too large for a list of ids.")
    return content.decode(errors="replace")
