"""Ids of files or jobs as people hand them over: as arguments, from a file, or on stdin."""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from delineate import words
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
    """All ids, in their order. Raises `typer.BadParameter` naming the first that are none, and where."""
    sources = [*(given or ()), *(f"@{path}" for path in files or ())]
    found = [one for source in sources for one in _ids(source)]
    if wrong := [(text, where) for text, where in found if not _is_id(text)]:
        named = words.some([f"{where}{words.quoted(text)}" for text, where in wrong], "; ")
        verb = "is not a file id" if len(wrong) == 1 else "are not file ids"
        digits = f" of {LONGEST_ID} digits at most" if any(_is_number(text) for text, _ in wrong) else ""
        raise typer.BadParameter(f"{named} {verb}: ids are whole numbers{digits}.")
    return [int(text) for text, _ in found]


def _ids(source: str) -> Iterator[tuple[str, str]]:
    """What stands there for an id, and where."""
    if source in (STDIN, f"@{STDIN}"):
        yield from _listed(_typed(), "stdin")
    elif source.startswith("@"):
        yield from _listed(_filed(Path(source[1:])), source[1:])
    else:
        yield source, ""


def _listed(text: str, where: str) -> Iterator[tuple[str, str]]:
    """Ids apart by whitespace or commas; what stands behind # is for people."""
    found = False
    for line, content in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        for word in filter(None, APART.split(content.partition("#")[0])):
            found = True
            yield word, f"{where}, line {line}: "
    if not found:
        raise typer.BadParameter(f"No file id stands in {where}.")


def _is_id(text: str) -> bool:
    return _is_number(text) and len(text) <= LONGEST_ID


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


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
