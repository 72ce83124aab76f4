"""How `get` tells what is on disk: a sentence for people, paths or a document for programs."""

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from delineate import words
from delineate.cli.ending import ExitCode, print_document, say
from delineate.cli.options import Output
from delineate.cli.tables import print_csv
from delineate.download.report import Fate, Report
from delineate.job import Job

COLUMNS = ("file_id", "status", "path", "size", "errorCode", "error")


def of_files(report: Report, folder: Path, form: Output | None, seconds: float) -> ExitCode:
    """Name what failed on stderr and what is there on stdout."""
    octets = sum(outcome.size for outcome in report.having(Fate.SAVED))
    present = len(report.having(Fate.PRESENT))
    there = f", {present:,} there already" if present else ""
    took = f"{words.size(octets)} in {words.span(seconds)}{there}"
    failures = report.having(Fate.FAILED)
    if failures:
        say(f"{words.files(len(failures))} of {report.total:,} failed:", bad=True)
    for outcome in failures:
        say(f"  {outcome.file_id}  {outcome.error} ({outcome.error_code})", bad=True)
    line = f"{len(report.on_disk):,} of {words.files(report.total)} in {folder} ({took})."
    if form is Output.JSON:
        print_document(report.document())
    if form is Output.CSV:
        documents = [report.outcomes[file_id].document() for file_id in sorted(report.outcomes)]
        print_csv(COLUMNS, [[_cell(told.get(name)) for name in COLUMNS] for told in documents])
    _close(line, form, [str(outcome.path) for outcome in report.on_disk])
    return ExitCode.DONE if report.complete else ExitCode.SOME_FAILED


def of_archive(job: Job, paths: Sequence[Path], form: Output | None) -> None:
    """Tell where the archive is."""
    sizes = [path.stat().st_size for path in paths]
    files = [(str(path), size) for path, size in zip(paths, sizes, strict=True)]
    if form is Output.JSON:
        archives = [{"path": path, "size": size} for path, size in files]
        print_document({"jobId": job.id, "status": str(job.status), "archives": archives})
    if form is Output.CSV:
        print_csv(("path", "size"), files)
    line = (
        f"{words.files(job.progress.completed)} in {', '.join(map(str, paths))} ({words.size(sum(sizes))})."
    )
    _close(line, form, list(map(str, paths)))


def on_disk(report: Report) -> str:
    """How much was there when the work was broken off."""
    return f"{len(report.on_disk):,} of {words.files(report.total)}"


def _close(line: str, form: Output | None, paths: Sequence[str]) -> None:
    """The sentence for people; paths for programs, where stdout is no terminal."""
    if form is Output.TABLE or (form is None and sys.stdout.isatty()):
        return typer.echo(line)
    if form is None and paths:
        typer.echo("\n".join(paths))
    return say(line)


def _cell(told: object) -> str | int | None:
    return told if isinstance(told, str | int) else None
