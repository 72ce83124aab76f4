"""What a run has to say: the table of counts, the table of faults, and what was wrong."""

from collections import Counter

from rich.console import Console, Group
from rich.table import Table

from tests.chaos.faults import FAULTS, Dice
from tests.chaos.findings import Kind, Verdict

ROWS = ("accepted", "completed", "failed", "cancelled", "skipped", *Kind)
MOST_FINDINGS = 50


def tables(verdict: Verdict, dice: Dice, seconds: float) -> Group:
    """Both tables, for a terminal or a picture."""
    return Group(_counts(verdict, dice.seed, seconds), _faults(dice))


def _counts(verdict: Verdict, seed: int, seconds: float) -> Table:
    table = Table(title=f"make chaos, seed {seed}, {seconds:.0f} s", title_justify="left")
    for column in ("", "jobs", "files"):
        table.add_column(column, justify="right" if column else "left")
    for row in ROWS:
        table.add_row(row, _cell(verdict.jobs, row), _cell(verdict.files, row))
        if row == "failed":
            for reason in sorted(verdict.files.keys() - set(ROWS)):
                table.add_row(f"  {reason}", "", _cell(verdict.files, reason))
    return table


def _cell(counts: Counter[str], row: str) -> str:
    number = f"{counts[row]:,}"
    if row not in set(Kind):
        return number
    return f"[bold red]{number}[/]" if counts[row] else f"[bold green]{number}[/]"


def _faults(dice: Dice) -> Table:
    table = Table(title="faults injected", title_justify="left")
    for column in ("fault", "injected", "of"):
        table.add_column(column, justify="left" if column == "fault" else "right")
    for fault in FAULTS:
        injected, drawn = dice.injected[fault.name], dice.drawn[fault.name]
        table.add_row(fault.name, f"{injected:,}", f"{drawn:,} {fault.unit}")
    return table


def complain(console: Console, verdict: Verdict, dice: Dice) -> None:
    """Says what was wrong, and how to see it again."""
    for finding in verdict.findings[:MOST_FINDINGS]:
        console.print(f"✗ {finding}", style="red", markup=False, highlight=False)
    if len(verdict.findings) > MOST_FINDINGS:
        console.print(f"… and {len(verdict.findings) - MOST_FINDINGS} more", style="red")
    for name in dice.missing:
        console.print(f"✗ never injected: {name}", style="red", highlight=False)
    console.print(f"again: make chaos ARGS='--seed {dice.seed}'", highlight=False)
