"""`make bench`: runs the benches named, or all, shows how far they are, and writes what they found."""

import argparse
import os
import platform
import signal
import sys
import time
from datetime import UTC, datetime
from importlib import import_module

from rich.console import Console
from rich.markdown import Markdown

from tests.bench import markdown
from tests.bench.end_to_end.size import size
from tests.bench.report import Report

# In the order of docs/benchmarks.md: what costs little first.
BENCHES = ("calls", "handler_time", "cold_start", "contention", "scale", "workers", "end_to_end")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="BENCH", help=", ".join(BENCHES))
    names = parser.parse_args().names or BENCHES
    if unknown := set(names) - set(BENCHES):
        parser.error(f"no bench {', '.join(sorted(unknown))}: there are {', '.join(BENCHES)}")
    # A terminated run cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        size()
    except ValueError as error:
        parser.error(str(error))
    console = Console()
    missed = [name for name in names if not _run(name, console).held]
    if missed:
        console.print(f"[bold red]missed a goal: {', '.join(missed)}[/]")
    return 1 if missed else 0


def _run(name: str, console: Console) -> Report:
    started = time.perf_counter()
    with console.status(f"{name}: begins") as status:

        def told(step: str) -> None:
            line = f"{name}: {step} ({time.perf_counter() - started:.0f} s)"
            status.update(line)
            if not console.is_terminal:
                console.print(line, highlight=False)

        report: Report = import_module(f"tests.bench.{name}").run(told)
    seconds = time.perf_counter() - started
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    where = f"{datetime.now(UTC):%Y-%m-%d}, {machine}, {seconds:.0f} s"
    if not report.trial:
        markdown.write(name, report, where)
        markdown.quote(report)
    console.print(Markdown(markdown.written(report, where)))
    return report


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
