"""The `get` command: from ids, or a job, to files on disk and an exit code."""

import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from delineate import words
from delineate.api import Priority
from delineate.cli.ending import ExitCode, code_of, error_document, print_document, say
from delineate.cli.screen import screen
from delineate.cli.signed_in import signed_in
from delineate.download.report import Fate, Report
from delineate.errors import DelineateError
from delineate.job import Job


@dataclass(frozen=True)
class Order:
    """What `get` was asked for: either `file_ids` or a `job`."""

    api_url: str
    api_named: bool
    out: Path
    parallel: int
    as_json: bool
    priority: Priority = "normal"
    file_ids: Sequence[int] = ()
    job: str | None = None

    def again(self, job_id: str) -> str:
        """The command that picks this job up again."""
        api = f" --api {shlex.quote(self.api_url)}" if self.api_named else ""
        return f"delineate get --job {job_id} --out {shlex.quote(str(self.out))}{api}"


def bring(order: Order) -> ExitCode:
    """Carry out the order; tells everything on the way and returns how it ended.

    Raises `ServiceError` and `Unreachable` only while there is no job yet.
    """
    with signed_in(order.api_url) as client:
        jobs = client.jobs
        job = jobs.get(order.job) if order.job else jobs.create(order.file_ids, priority=order.priority)
        say(f"Job {job.id}: {words.files(job.progress.total)} to {order.out}")
        return _run(order, job)


def _run(order: Order, job: Job) -> ExitCode:
    began = time.monotonic()
    report = Report(job.id, job.progress.total)
    try:
        with screen(job.plan()) as listener:
            download = job.prepare_download(order.out, order.parallel, listener)
            report = download.report
            download.run()
    except KeyboardInterrupt:
        return _interrupted(order, report)
    except DelineateError as fault:
        return _broken(order, report, fault)
    except OSError as fault:
        say(f"delineate: {order.out} cannot be written to: {fault.strerror or fault}.", bad=True)
        return ExitCode.USAGE
    return _ended(order, report, time.monotonic() - began)


def _ended(order: Order, report: Report, seconds: float) -> ExitCode:
    octets = sum(outcome.size for outcome in report.having(Fate.SAVED))
    present = len(report.having(Fate.PRESENT))
    there = f", {present:,} there already" if present else ""
    took = f"{words.size(octets)} in {words.span(seconds)}{there}"
    failures = report.having(Fate.FAILED)
    if failures:
        say(f"{words.files(len(failures))} of {report.total:,} failed:", bad=True)
    for outcome in failures:
        say(f"  {outcome.file_id}  {outcome.error} ({outcome.error_code})", bad=True)
    _close(order, report, f"{len(report.on_disk):,} of {words.files(report.total)} in {order.out} ({took}).")
    return ExitCode.DONE if report.complete else ExitCode.SOME_FAILED


def _close(order: Order, report: Report, line: str) -> None:
    if order.as_json:
        say(line)
        print_document(report.document())
    else:
        typer.echo(line)


def _interrupted(order: Order, report: Report) -> ExitCode:
    say(f"Stopped with {len(report.on_disk):,} of {words.files(report.total)} on disk. Pick up again with:")
    say(f"  {order.again(report.job_id)}")
    if order.as_json:
        print_document(report.document() | {"interrupted": True, "again": order.again(report.job_id)})
    return ExitCode.INTERRUPTED


def _broken(order: Order, report: Report, fault: DelineateError) -> ExitCode:
    say(f"delineate: {fault}", bad=True)
    say(f"{len(report.on_disk):,} of {words.files(report.total)} are on disk. Pick up again with:")
    say(f"  {order.again(report.job_id)}")
    if order.as_json:
        print_document(report.document() | error_document(fault) | {"again": order.again(report.job_id)})
    return code_of(fault)
