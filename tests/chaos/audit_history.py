"""Rules of the way: versions grow, progress never goes back, ends and results are final."""

from collections.abc import Iterator
from itertools import pairwise

from tests.chaos.evidence import Evidence, JobRow, last
from tests.chaos.findings import Finding, Kind


def check_history(job_id: str, evidence: Evidence) -> Iterator[Finding]:
    history = evidence.stream.jobs[job_id]
    if not history or history[-1] != last(evidence.table.jobs[job_id]):
        yield Finding(Kind.WRONG, job_id, "the stream does not tell its history to the end")
    if history and history[0] and (history[0].version, history[0].status) != (1, "queued"):
        yield Finding(Kind.WRONG, job_id, f"its history begins with {history[0]}")
    for before, after in pairwise(history):
        if before is None or after is None:
            yield Finding(Kind.LOST, job_id, "it was deleted")
        else:
            yield from _check_step(job_id, before, after)
    yield from _check_rounds(job_id, evidence)


def _check_step(job_id: str, before: JobRow, after: JobRow) -> Iterator[Finding]:
    if after.version == before.version:
        if after != before:
            yield Finding(Kind.WRONG, job_id, f"it changed within version {after.version}: {before}, {after}")
    elif after.round != before.round:
        yield from _check_reopened(job_id, before, after)
    elif before.terminal:
        yield Finding(Kind.DOUBLE, job_id, f"it had ended as {before.status}, then became {after.status}")
    elif after.completed < before.completed or after.failed < before.failed:
        yield Finding(Kind.WRONG, job_id, f"progress went back: {before}, {after}")
    elif not 1 <= after.version - before.version <= 1 + before.remaining - after.remaining:
        # Each batch of results is a version, and holds one file at least; so is each other change.
        yield Finding(Kind.WRONG, job_id, f"version {after.version} follows {before.version}")


def _check_reopened(job_id: str, before: JobRow, after: JobRow) -> Iterator[Finding]:
    kept = after.completed == before.completed and after.failed == 0 and not after.terminal
    next_one = (after.round, after.version) == (before.round + 1, before.version + 1)
    if before.status not in {"completed", "failed"} or not kept or not next_one:
        yield Finding(Kind.WRONG, job_id, f"a retry made {after} of {before}")


def _check_rounds(job_id: str, evidence: Evidence) -> Iterator[Finding]:
    job = last(evidence.table.jobs[job_id])
    asked = evidence.ledger.asked_to_retry.count(job_id)
    if job and job.round > 1 + asked:
        yield Finding(Kind.DOUBLE, job_id, f"it is in round {job.round}, retries asked for: {asked}")


def check_files_history(job_id: str, evidence: Evidence) -> Iterator[Finding]:
    """A result is final, but for a failure that a later round prepares again."""
    images = evidence.stream.files[job_id]
    for file_id, rows in images.items():
        for before, after in pairwise(rows):
            if after is None:
                yield Finding(Kind.LOST, job_id, f"the result of file {file_id} was deleted", 1)
            elif before and (before.code is None or after.round <= before.round):
                yield Finding(Kind.DOUBLE, job_id, f"file {file_id} got {after} after {before}", 1)
    untold = evidence.table.files[job_id].keys() - images.keys()
    if untold:
        yield Finding(Kind.WRONG, job_id, f"the stream does not tell of {len(untold)} of its files")
