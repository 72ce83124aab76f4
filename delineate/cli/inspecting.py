"""What the commands about jobs print: `jobs`, `status`, `links`, `cancel`, `retry`."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import islice

import typer

from delineate import words
from delineate.api import Api
from delineate.cli.columns import FILE_COLUMNS, JOB_COLUMNS, file_row, job_row
from delineate.cli.ending import print_document, say
from delineate.cli.manifests import Format, manifest
from delineate.cli.options import Output
from delineate.cli.standing import bundle_in_words, in_words
from delineate.cli.tables import print_csv, print_table
from delineate.contracts import FileState, JobReply, Link, LinksReply, Progress, Sighting
from delineate.progress import JobState
from delineate.standing import FileStatus, JobStatus

FILES_SHOWN = 20
MARKS = {FileStatus.COMPLETED: "✓", FileStatus.FAILED: "✗"}


def show_jobs(api: Api, limit: int, statuses: Sequence[JobStatus], form: Output | None) -> None:
    """Print the caller's newest jobs that stand so, `limit` at most."""
    told = (job for page in api.jobs_pages() for job in page.jobs if job.status in statuses)
    jobs = list(islice(told, limit))
    if form is Output.JSON:
        return print_document({"jobs": [job.model_dump(mode="json", exclude_unset=True) for job in jobs]})
    if form is Output.CSV:
        return print_csv(JOB_COLUMNS, [job_row(job) for job in jobs])
    now = datetime.now(UTC)
    rows = [(job.jobId, str(job.status), _counted(job.progress), _moment(job.createdAt, now)) for job in jobs]
    print_table(("JOB", "STATUS", "FILES", "CREATED"), rows)
    return None if jobs else say("There are no such jobs.")


def show_status(api: Api, job_id: str, form: Output | None) -> None:
    """Print how far the job is; as JSON, the status reply with the files of all pages."""
    pages = list(api.status_pages(job_id))
    last, files = pages[-1], [file for page in pages for file in page.files]
    if form is Output.JSON:
        return print_document(last.model_copy(update={"files": files}))
    if form is Output.CSV:
        return print_csv(FILE_COLUMNS, [file_row(file) for file in files])
    show_heading(last.jobId, last)
    for line in _times(last):
        typer.echo(f"  {line}")
    if last.bundle:
        typer.echo(f"  archive: {bundle_in_words(last.bundle)}")
    for line in _listed(files):
        typer.echo(f"  {line}")
    return None


def show_links(api: Api, job_id: str, as_json: bool, terminal: bool) -> None:
    """Print links to what is ready: a document, bare URLs, or on a terminal each with its file."""
    pages = list(api.links_pages(job_id))
    last, files = pages[-1], [link for page in pages for link in page.files]
    if as_json:
        return print_document(last.model_copy(update={"files": files}))
    for link in files:
        if terminal:
            typer.secho(_heading(link), bold=not os.environ.get("NO_COLOR"))
        typer.echo(link.downloadUrl)
    _tell_what_lacks(last)
    return None


def show_manifest(api: Api, job_id: str, wanted: Format, terminal: bool) -> None:
    """Print what the service writes for another tool, byte by byte, but nothing that controls a terminal."""
    for piece in manifest(api, job_id, wanted):
        typer.echo(_harmless(piece) if terminal else piece, nl=False)


def _harmless(piece: bytes) -> str:
    text = piece.decode(errors="replace").replace("\r\n", "\n")
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)


def cancel(api: Api, job_id: str, form: Output | None) -> None:
    """End the job and print what it had done."""
    job = api.cancel(job_id)
    if form is Output.JSON:
        return print_document(job)
    return print_csv(JOB_COLUMNS, [job_row(job)]) if form is Output.CSV else show_heading(job.jobId, job)


def retry(api: Api, job_id: str, form: Output | None) -> None:
    """Open an ended job again for what failed."""
    job = api.retry(job_id)
    if form is Output.JSON:
        return print_document(job)
    if form is Output.CSV:
        return print_csv(("jobId", "status", "totalFiles"), [(job.jobId, str(job.status), job.totalFiles)])
    return typer.echo(f"Job {job.jobId}: {job.status}; `delineate get --job {job.jobId}` brings its files.")


def show_heading(job_id: str, job: Sighting | JobState) -> None:
    """Print in one line where a job stands."""
    typer.echo(f"Job {job_id}: {job.status}, {_counted(job.progress)}")


def _moment(at: datetime | None, now: datetime) -> str:
    return words.moment(at, now) if at else ""


def _counted(progress: Progress) -> str:
    failed = f", {progress.failed:,} failed" if progress.failed else ""
    return f"{progress.completed:,} of {words.files(progress.total)} ready{failed}"


def _times(job: JobReply) -> list[str]:
    now = datetime.now(UTC)
    told = []
    if job.estimatedCompletionAt and not job.status.ended and job.estimatedCompletionAt > now:
        told.append(f"ends in about {words.span((job.estimatedCompletionAt - now).total_seconds())}")
    if job.startedAt and job.completedAt:
        told.append(f"took {words.span((job.completedAt - job.startedAt).total_seconds())}")
    if job.expiresAt and job.expiresAt > now:
        told.append(f"kept for another {words.span((job.expiresAt - now).total_seconds())}")
    return told


def _listed(files: Sequence[FileState]) -> list[str]:
    """Every file of a small job; of a large one those that failed, and how many more there are."""
    shown = files if len(files) <= FILES_SHOWN else [f for f in files if f.status is FileStatus.FAILED]
    lines = [_line(file) for file in shown[:FILES_SHOWN]]
    more = len(shown) - len(lines)
    return [*lines, f"and {words.files(more)} more that failed; --json lists all"] if more > 0 else lines


def _line(file: FileState) -> str:
    mark = MARKS.get(file.status, "·")
    return f"{mark} {file.file_id}  {in_words(file, datetime.now(UTC))}"


def _heading(link: Link) -> str:
    size = f"  {words.size(link.size)}" if link.size is not None else ""
    until = f"  until {link.urlExpiresAt.astimezone():%H:%M}" if link.urlExpiresAt else ""
    return f"{link.file_id}  {link.filename or ''}{size}{until}"


def _tell_what_lacks(reply: LinksReply) -> None:
    progress = reply.progress
    if not reply.status.ended:
        say(f"{_counted(progress)}; the job is {reply.status}.")
    elif progress.completed < progress.total:
        say(f"{_counted(progress)}; `delineate status {reply.jobId}` names them.")
