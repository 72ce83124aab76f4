"""Evidence of a run in which all went well: one job of three files, of which the bucket has two."""

from dataclasses import replace

from tests.chaos.evidence import Evidence, FileRow, JobRow
from tests.chaos.ledger import Sighting, Told
from tests.chaos.orders import Order

THERE, GONE, JOB = frozenset({1, 2}), 3, "job"
FILES = {1: FileRow(None, 1), 2: FileRow(None, 1), GONE: FileRow("NOT_FOUND", 1)}
NEW = JobRow("queued", 3, 0, 0, 1, 1)
HALF = JobRow("processing", 3, 1, 0, 2, 1)
END = JobRow("completed", 3, 2, 1, 3, 1)


def honest() -> Evidence:
    """The job completed, one file failed for good reason, and a watcher saw it all."""
    evidence = Evidence({"key": Order("key", THERE | {GONE})}, THERE)
    evidence.ledger.accepted += [("key", JOB), ("key", JOB)]
    evidence.stream.jobs[JOB] = [NEW, HALF, END]
    evidence.table.jobs[JOB] = [END]
    evidence.table.ids[JOB] = [THERE | {GONE}]
    for file_id, row in FILES.items():
        evidence.stream.files[JOB][file_id] = [row]
        evidence.table.files[JOB][file_id] = [row]
    told = Told("completed", 2, 1, {file_id: row.code for file_id, row in FILES.items()})
    evidence.told[JOB] = evidence.ledger.watched[JOB] = told
    evidence.ledger.sightings += [Sighting("poll", JOB, 2, "processing", 1, 0)]
    return evidence


def end_as(evidence: Evidence, *rows: JobRow) -> None:
    """The job's history and end are these rows, and the status call tells so."""
    evidence.stream.jobs[JOB] = list(rows)
    evidence.table.jobs[JOB] = [rows[-1]]
    told, end = evidence.told[JOB], rows[-1]
    evidence.told[JOB] = replace(told, status=end.status, completed=end.completed, failed=end.failed)
    evidence.ledger.watched.pop(JOB)


def put_file(evidence: Evidence, file_id: int, *rows: FileRow) -> None:
    evidence.stream.files[JOB][file_id] = list(rows)
    evidence.table.files[JOB][file_id] = [rows[-1]]


def end_as_cancelled(evidence: Evidence) -> None:
    end = replace(HALF, status="cancelled", version=3)
    evidence.stream.jobs[JOB] = [NEW, HALF, end]
    evidence.table.jobs[JOB] = [end]
    evidence.told[JOB] = Told("cancelled", 1, 0, {1: None})
