"""Rows on stdout: aligned for people, comma-separated for programs."""

import csv
import io
from collections.abc import Iterable, Sequence

import typer

Cell = str | int | float | None


def print_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """A line of names, then a line a row (RFC 4180, but for plain line ends); what is not known is empty."""
    paper = io.StringIO()
    writer = csv.writer(paper, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_calm(cell) for cell in row] for row in rows)
    typer.echo(paper.getvalue(), nl=False)


def print_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as they must be; nothing at all without rows."""
    lines = [names, *rows]
    if len(lines) == 1:
        return
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _calm(cell: Cell) -> Cell:
    """Text that a spreadsheet would calculate is kept text by a quote, as the service's own CSV has it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
