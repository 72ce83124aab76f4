"""docs/benchmarks.md: a section a bench, each replaced by the run that made it."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench.report import Goal, Report, Table, figure

PAGE = Path("docs/benchmarks.md")
HEAD = """# Benchmarks

Written by `make bench`, never by hand: every figure is of the run that its section names, and each is
compared with a floor or a limit of that run. Ratios and counts carry from machine to machine; seconds do not.
What was tried to get here, and what it gave, is in [tried.md](tried.md).
"""


def write(name: str, report: Report, where: str, page: Path = PAGE) -> None:
    """Puts a section in its place, or at the end. ``where`` says when and on what it was measured."""
    text = page.read_text() if page.exists() else HEAD
    if _begin(name) not in text:
        text = f"{text.rstrip()}\n\n{_begin(name)}\n{_end(name)}\n"
    page.write_text(_put(text, _begin(name), _end(name), written(report, where)))


def quote(report: Report, page: Path = Path("README.md")) -> None:
    """Puts those tables of a report that a page has a place for, marked by their titles, into it."""
    text = page.read_text()
    for table in report.tables:
        text = _put(text, f"<!-- table {table.title} -->", "<!-- end table -->", _table(table))
    page.write_text(text)


def written(report: Report, where: str) -> str:
    parts = [f"## {report.title}", report.intro.strip(), *map(_table, report.tables)]
    if report.goals:
        parts.append("\n".join(_rows(("Goal", "Limit", "Measured", "Held"), map(_goal, report.goals))))
    return "\n\n".join([*parts, f"*{where}*"])


def _put(text: str, begin: str, end: str, new: str) -> str:
    """What stands between two marks, replaced; the text as it is where they are missing."""
    found = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    return found.sub(lambda _: f"{begin}\n{new}\n{end}", text)


def _table(table: Table) -> str:
    lines = [f"**{table.title}**", "", *_rows(table.head, table.rows)]
    return "\n".join([*lines, "", table.note] if table.note else lines)


def _rows(head: Sequence[str], rows: "Iterator[Sequence[str]] | Sequence[Sequence[str]]") -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join(['---'] + ['---:'] * (len(head) - 1))} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _goal(goal: Goal) -> tuple[str, str, str, str]:
    limit = f"{goal.bound.value} {figure(goal.limit)}{goal.unit}"
    return goal.name, limit, f"{figure(goal.measured)}{goal.unit}", "yes" if goal.held else "**no**"


def _begin(name: str) -> str:
    return f"<!-- bench {name} -->"


def _end(name: str) -> str:
    return f"<!-- end {name} -->"
