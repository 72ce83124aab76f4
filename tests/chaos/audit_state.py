"""Rules of the end: each accepted file has one result, each job one end, and the counters agree."""

from collections.abc import Iterator, Mapping

from tests.chaos.evidence import Evidence, FileRow, JobRow, last
from tests.chaos.findings import Finding, Kind
from tests.chaos.orders import Order

ABSENT = frozenset({"NOT_FOUND", "FORBIDDEN"})
BY_THE_STORE = frozenset({"TIMEOUT", "STORAGE_UNAVAILABLE"})
TRIES_A_CALL = 2
"""The last attempt decides, and boto3 calls twice; the attempts before may have died of other faults."""

BY_THE_FAULTS = BY_THE_STORE | {"ATTEMPTS_EXHAUSTED", "DEADLINE_EXCEEDED"}


def standing(job_id: str, evidence: Evidence) -> dict[int, FileRow]:
    """The results that count: a failure of a round before a retry does not."""
    job = last(evidence.table.jobs[job_id])
    rows = {file_id: last(images) for file_id, images in evidence.table.files[job_id].items()}
    return {
        file_id: row
        for file_id, row in rows.items()
        if row and job and (row.code is None or row.round == job.round)
    }


def check_state(job_id: str, order: Order, evidence: Evidence) -> Iterator[Finding]:
    job = last(evidence.table.jobs[job_id])
    if job is None:
        yield Finding(Kind.LOST, job_id, "the table has no such job", len(order.file_ids))
        return
    results = standing(job_id, evidence)
    if last(evidence.table.ids[job_id]) != order.file_ids or job.total != len(order.file_ids):
        yield Finding(Kind.WRONG, job_id, "it does not hold the files that were asked for")
    yield from _check_counters(job_id, job, results)
    yield from _check_whole(job_id, job, order, results)
    yield from _check_status(job_id, job, order, evidence)
    for file_id, row in results.items():
        why = _untrue(file_id, row, order, evidence)
        if why:
            yield Finding(Kind.WRONG, job_id, f"file {file_id} {why}", 1)


def _check_counters(job_id: str, job: JobRow, results: Mapping[int, FileRow]) -> Iterator[Finding]:
    ready = sum(row.code is None for row in results.values())
    for word, counted, there in (
        ("completed", job.completed, ready),
        ("failed", job.failed, len(results) - ready),
    ):
        if counted > there:
            yield Finding(Kind.DOUBLE, job_id, f"{counted} counted as {word}, {there} are", counted - there)
        if counted < there:
            yield Finding(Kind.LOST, job_id, f"{counted} counted as {word}, {there} are", there - counted)
    if job.remaining < 0:
        yield Finding(Kind.WRONG, job_id, f"its counters contradict one another: {job}")


def _check_whole(job_id: str, job: JobRow, order: Order, results: Mapping[int, FileRow]) -> Iterator[Finding]:
    missing = order.file_ids - results.keys()
    if not job.terminal:
        yield Finding(Kind.STUCK, job_id, f"it is {job.status}, {len(missing)} files are open", len(missing))
    elif missing and not _may_end_early(job, order):
        yield Finding(Kind.LOST, job_id, f"{len(missing)} files have no result", len(missing))


def _may_end_early(job: JobRow, order: Order) -> bool:
    return job.status == "cancelled" or (order.on_error == "fail_fast" and job.failed > 0)


def _check_status(job_id: str, job: JobRow, order: Order, evidence: Evidence) -> Iterator[Finding]:
    if not job.terminal:
        return
    if job.status == "cancelled":
        if job_id not in evidence.ledger.asked_to_cancel:
            yield Finding(Kind.WRONG, job_id, "nobody cancelled it")
        return
    if job_id in evidence.ledger.cancelled:
        yield Finding(Kind.WRONG, job_id, f"it was cancelled, and is {job.status}")
    gave_up = order.on_error == "fail_fast" and job.failed > 0
    due = "completed" if job.completed and not gave_up else "failed"
    if job.status != due:
        yield Finding(Kind.WRONG, job_id, f"it is {job.status}, its files make it {due}")


def _untrue(file_id: int, row: FileRow, order: Order, evidence: Evidence) -> str | None:
    """Why this result cannot be true; None when it can."""
    there = file_id in evidence.there
    if file_id not in order.file_ids:
        return "was not asked for"
    if row.code is None:
        return None if there else "is ready, but the bucket has none"
    if row.code in ABSENT:
        return f"failed as {row.code}, but the bucket has it" if there else None
    if row.code in BY_THE_STORE and evidence.harmed[file_id] < TRIES_A_CALL:
        return f"failed as {row.code} after {evidence.harmed[file_id]} faults of the store"
    return None if row.code in BY_THE_FAULTS else f"failed as {row.code}"
