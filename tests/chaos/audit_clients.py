"""Rules of what is seen: no viewer sees a job go back, and all are told what the table holds."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tests.chaos.audit_state import standing
from tests.chaos.evidence import Evidence, JobRow, last
from tests.chaos.findings import Finding, Kind
from tests.chaos.ledger import Sighting, Told


def check_sightings(evidence: Evidence) -> Iterator[Finding]:
    """Whatever was seen is what the table held at that version, in the order of versions."""
    newest: dict[tuple[str, str], int] = {}
    for seen in evidence.ledger.sightings:
        viewer = seen.viewer, seen.job_id
        if seen.version < newest.get(viewer, 0):
            what = f"the {seen.viewer} saw version {seen.version} after {newest[viewer]}"
            yield Finding(Kind.WRONG, seen.job_id, what)
        newest[viewer] = max(newest.get(viewer, 0), seen.version)
        rows = [row for row in evidence.stream.jobs[seen.job_id] if row]
        if not _true(seen, rows):
            yield Finding(Kind.WRONG, seen.job_id, f"{seen} was seen, the table never had it")


def _true(seen: Sighting, rows: Sequence[JobRow]) -> bool:
    """What was seen is a version that was written down, or lies on the way from one to the next."""
    if at := [row for row in rows if row.version == seen.version]:
        return _of(seen) == (at[-1].status, at[-1].completed, at[-1].failed)
    return any(
        before.version < seen.version < after.version
        and before.completed <= seen.completed <= after.completed
        and before.failed <= seen.failed <= after.failed
        and seen.status == "processing"
        for before, after in pairwise(rows)
    )


def _of(seen: Sighting) -> tuple[str, int, int]:
    return seen.status, seen.completed, seen.failed


def check_told(job_id: str, evidence: Evidence) -> Iterator[Finding]:
    """The status call's last word and a watcher's end state are what the table holds."""
    job = last(evidence.table.jobs[job_id])
    if job is None:
        return
    files = {file_id: row.code for file_id, row in standing(job_id, evidence).items()}
    due = Told(job.status, job.completed, job.failed, files)
    if evidence.told.get(job_id) != due:
        yield Finding(Kind.WRONG, job_id, "the status call and the table differ")
    if job_id in evidence.ledger.watched:
        yield from _check_watched(job_id, evidence.ledger.watched[job_id], due, evidence)


def _check_watched(job_id: str, held: Told | None, due: Told, evidence: Evidence) -> Iterator[Finding]:
    if held is None:
        yield Finding(Kind.STUCK, job_id, "its watcher never saw the end")
    # A watcher leaves at the first end; what a retry changes afterwards it does not know.
    elif held != due and job_id not in evidence.ledger.asked_to_retry:
        yield Finding(Kind.WRONG, job_id, "its watcher and the table differ")
