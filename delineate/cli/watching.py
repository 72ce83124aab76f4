"""The `watch` command: a running job on the screen until it ends."""

from datetime import UTC, datetime

from delineate import words
from delineate.api import Api
from delineate.cli import inspecting
from delineate.cli.ending import ExitCode, say
from delineate.cli.options import Output
from delineate.cli.screen import screen
from delineate.cli.standing import bundle_in_words, in_words
from delineate.job import Job
from delineate.progress import JobState
from delineate.standing import FileStatus, JobStatus


def watch(job: Job, api: Api, form: Output | None) -> ExitCode:
    """Show the job until its end, then how it ended. Raises `ServiceError` and `Unreachable`."""
    try:
        with screen(job._plan(), bringing=False) as listener:
            for state in job.events(on_note=listener.note):
                listener.job(state)
    except KeyboardInterrupt:
        say(f"Stopped watching; the job goes on. Watch it again with:\n  delineate watch {job.id}")
        return ExitCode.INTERRUPTED
    if form in (Output.JSON, Output.CSV):
        inspecting.show_status(api, job.id, form)
    else:
        inspecting.show_heading(job.id, job.state)
    return tell_failures(job.state)


def tell_failures(state: JobState) -> ExitCode:
    """Name on stderr what the job lacks, and say by the exit code whether it lacks anything."""
    failed = state.having(FileStatus.FAILED)
    if failed:
        say(f"{words.files(len(failed))} of {state.progress.total:,} failed:", bad=True)
    for file in failed:
        say(f"  {file.file_id}  {in_words(file, datetime.now(UTC))}", bad=True)
    bundle = state.bundle
    if bundle and bundle.status is FileStatus.FAILED:
        say(f"The archive could not be made: {bundle_in_words(bundle)}", bad=True)
    lacks = failed or (bundle and bundle.status is not FileStatus.COMPLETED)
    done = state.status is JobStatus.COMPLETED and not lacks
    return ExitCode.DONE if done else ExitCode.SOME_FAILED
