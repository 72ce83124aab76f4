"""Fault injection on the deployed stack: `python -m tests.chaos --seed 7 --jobs 100 --files 10000`."""

import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from infra_cdk.steps import timed
from tests.chaos import orders, report
from tests.chaos.audit import audit
from tests.chaos.faults import Dice
from tests.chaos.ledger import Ledger
from tests.chaos.rig import rigged
from tests.chaos.run import Load, Show, run

err, out = Console(stderr=True), Console()


def main(  # noqa: PLR0913, PLR0917 # an option of the command each
    seed: Annotated[int, typer.Option(help="Faults and load are drawn from it.")] = 7,
    jobs: Annotated[int, typer.Option(min=3)] = 100,
    files: Annotated[int, typer.Option(min=3, help="Of all jobs together.")] = 10_000,
    within: Annotated[int, typer.Option(help="Seconds of load; what is open then is stuck.")] = 600,
    picture: Annotated[Path | None, typer.Option(help="Write the tables to this SVG too.")] = None,
    log: Annotated[
        Path | None, typer.Option(help="Keep the emulator's log, with the functions' own.")
    ] = None,
) -> None:
    """Exit code 1 when anything was lost, doubled, stuck or wrong, or a fault was never injected."""
    # A terminated run cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load, dice = orders.draw(seed, jobs, files), Dice(seed, files)
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        with rigged(Path(folder), dice, timed(err)) as rig, _progress(jobs, dice) as show:
            began = time.monotonic()
            evidence = run(rig, Load(load, began + within, show))
            seconds = time.monotonic() - began
        if log:
            log.write_bytes((Path(folder) / "emulator.log").read_bytes())
    verdict = audit(evidence)
    tables = report.tables(verdict, dice, seconds)
    out.print(tables)
    if picture:
        _draw(picture, tables)
    if not verdict.good or dice.missing:
        report.complain(err, verdict, dice)
        raise typer.Exit(1)


@contextmanager
def _progress(jobs: int, dice: Dice) -> Iterator[Show]:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err) as progress:
        task = progress.add_task("jobs ended", total=jobs)

        def show(ledger: Ledger) -> None:
            said = f"jobs ended, {dice.injected.total():,} faults so far"
            progress.update(task, completed=len(ledger.ended), description=said)

        yield show


def _draw(picture: Path, tables: object) -> None:
    with Path("/dev/null").open("w") as nowhere:
        paper = Console(record=True, width=100, file=nowhere)
        paper.print(tables)
    paper.save_svg(str(picture), title="make chaos")


if __name__ == "__main__":
    typer.run(main)
