"""The `get` command: from ids, or a job, to files on disk and an exit code."""

import shlex
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from delineate import words
from delineate.api import Priority
from delineate.cli import results
from delineate.cli.ending import ExitCode, code_of, error_document, print_document, say
from delineate.cli.options import Output
from delineate.cli.screen import screen
from delineate.cli.signed_in import signed_in
from delineate.cli.watching import tell_failures
from delineate.client import Client, OnError
from delineate.download.report import Report
from delineate.errors import DelineateError, NoArchive
from delineate.job import Job


@dataclass(frozen=True)
class Order:
    """What `get` was asked for: either `file_ids` or a `job`, as single files or one archive."""

    api_url: str
    api_named: bool
    out: Path
    parallel: int
    form: Output | None
    priority: Priority = "normal"
    file_ids: Sequence[int] = ()
    job: str | None = None
    bundle: Literal["zip"] | None = None
    on_error: OnError | None = None
    key: str | None = None

    def again(self, job_id: str) -> str:
        """The command that picks this job up again."""
        api = f" --api {shlex.quote(self.api_url)}" if self.api_named else ""
        bundle = f" --bundle {self.bundle}" if self.bundle else ""
        return f"delineate get --job {job_id}{bundle} --out {shlex.quote(str(self.out))}{api}"


def bring(order: Order) -> ExitCode:
    """Carry out the order; tells everything on the way and returns how it ended.

    Raises `ServiceError` and `Unreachable` only while there is no job yet.
    """
    try:
        # Before there is a job that nobody could bring home.
        order.out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        return _unwritable(order, fault)
    with signed_in(order.api_url) as client:
        job = client.jobs.get(order.job) if order.job else _started(order, client)
        say(f"Job {job.id}: {words.files(job.progress.total)} to {order.out}")
        report = Report(job.id, job.progress.total)
        try:
            tell = _archive(order, job) if order.bundle else _files(order, job, report)
        except KeyboardInterrupt:
            return _interrupted(order, report)
        except DelineateError as fault:
            return _broken(order, report, fault)
        except BrokenPipeError:
            # Whoever read stderr has gone: the folder is all right.
            raise
        except OSError as fault:
            code = _unwritable(order, fault)
            say(f"Once it can be, pick up again with:\n  {order.again(job.id)}")
            return code
        return tell()


def _unwritable(order: Order, fault: OSError) -> ExitCode:
    # Where nothing can be made, as in /proc, the system says that it is not there.
    why = "" if isinstance(fault, FileNotFoundError) else f": {fault.strerror or fault}"
    say(f"delineate: --out: the folder {order.out} cannot be written to{why}.", bad=True)
    return ExitCode.USAGE


def _started(order: Order, client: Client) -> Job:
    return client.jobs.create(
        order.file_ids,
        priority=order.priority,
        on_error=order.on_error,
        idempotency_key=order.key,
        bundle=order.bundle,
    )


def _files(order: Order, job: Job, report: Report) -> Callable[[], ExitCode]:
    """Bring the files; returns how to tell of them."""
    began = time.monotonic()
    with screen(job._plan()) as listener:
        job._prepare_download(order.out, order.parallel, listener, report=report).run()
    seconds = time.monotonic() - began
    return lambda: results.of_files(report, order.out, order.form, seconds)


def _archive(order: Order, job: Job) -> Callable[[], ExitCode]:
    """Bring the archive; returns how to tell of it, or that there is none."""
    try:
        with screen(job._plan(), bringing=False) as listener:
            paths = job._bring_archive(order.out, listener)
    except NoArchive as fault:
        return partial(_no_archive, order, job, fault)
    return lambda: _archived(order, job, paths)


def _archived(order: Order, job: Job, paths: Sequence[Path]) -> ExitCode:
    results.of_archive(job, paths, order.form)
    return tell_failures(job.state)


def _no_archive(order: Order, job: Job, fault: NoArchive) -> ExitCode:
    if job.bundle is None:
        say(f"delineate: {fault}", bad=True)
    tell_failures(job.state)
    if job.progress.completed:
        say(f"Its files can be had one by one with:\n  {replace(order, bundle=None).again(job.id)}")
    if order.form is Output.JSON:
        print_document({"jobId": job.id, "status": str(job.status)} | error_document(fault))
    return code_of(fault)


def _interrupted(order: Order, report: Report) -> ExitCode:
    so_far = "before the archive was" if order.bundle else f"with {results.on_disk(report)}"
    say(f"Stopped {so_far} on disk. Pick up again with:")
    say(f"  {order.again(report.job_id)}")
    if order.form is Output.JSON:
        print_document(report.document() | {"interrupted": True, "again": order.again(report.job_id)})
    return ExitCode.INTERRUPTED


def _broken(order: Order, report: Report, fault: DelineateError) -> ExitCode:
    say(f"delineate: {fault}", bad=True)
    so_far = "" if order.bundle else f"{results.on_disk(report)} are on disk. "
    say(f"{so_far}Pick up again with:")
    say(f"  {order.again(report.job_id)}")
    if order.form is Output.JSON:
        print_document(report.document() | error_document(fault) | {"again": order.again(report.job_id)})
    return code_of(fault)
