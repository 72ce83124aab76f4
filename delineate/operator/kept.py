"""What the table keeps of a job as events, and which of them a log line has told already."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from delineate import words
from delineate.operator.event import DELIVERED, FAILED, READY, TABLE, Event
from delineate.operator.items import Job
from delineate.operator.logs import Line
from delineate.operator.record import Attempt, Record, Result
from delineate.operator.wording import FINAL

SAME = timedelta(seconds=5)
"""A line and an item this close tell of the same change."""


def kept(record: Record, lines: Sequence[Line]) -> list[Event]:
    """The record as events, without what `lines` tell."""
    told = {final for line in lines if (final := _final(line))}
    events = list(_of_job(record.job, lines)) if record.job else []
    results = [_of_result(result) for result in record.results]
    events += [event for event in results if (str(event.file_id), event.kind) not in told]
    return events + [_of_attempt(attempt) for attempt in record.attempts]


def untold(record: Record, lines: Sequence[Line]) -> list[Line]:
    """The lines without those `webhook` lines of which the table keeps the attempt itself, and more of it."""
    ends = [(_version_id(attempt), attempt.outcome, _end(attempt)) for attempt in record.attempts]
    return [
        line
        for line in lines
        if line.fields.get("message") != "webhook"
        or not any(
            str(line.fields.get("webhookId")).endswith(mark)
            and line.fields.get("outcome") == outcome
            and abs(line.at - at) <= SAME
            for mark, outcome, at in ends
        )
    ]


def _final(line: Line) -> tuple[str, str] | None:
    """The file and the kind of result that a line tells of."""
    kind = FINAL.get(str(line.fields.get("outcome"))) if line.fields.get("message") == "file" else None
    return (str(line.fields.get("fileId")), kind) if kind else None


def _of_job(job: Job, lines: Sequence[Line]) -> Iterator[Event]:
    changes = [
        ("queued", job.created_at, f"accepted: {words.files(job.total)}, priority {job.priority}"),
        ("processing", job.started_at, _begin(job)),
        (job.status, None if job.open else job.ended_at, _ending(job)),
    ]
    for status, at, text in changes:
        if at and not any(_tells(line, status, at) for line in lines):
            yield Event(at, TABLE, "job", text)


def _tells(line: Line, status: str, at: datetime) -> bool:
    fields = line.fields
    return fields.get("message") == "job" and fields.get("status") == status and abs(line.at - at) <= SAME


def _begin(job: Job) -> str:
    return "queued → processing" if job.round == 1 else f"round {job.round} began"


def _ending(job: Job) -> str:
    return f"{job.status}: {job.completed:,} of {words.files(job.total)} ready, {job.failed:,} failed"


def _of_result(result: Result) -> Event:
    if result.error_code:
        return Event(result.at, TABLE, FAILED, "file failed", result.file_id, reason=result.error_code)
    if result.restored_by:
        text = f"file archived, to be restored by {result.restored_by:%Y-%m-%d %H:%M} UTC"
        return Event(result.at, TABLE, "file", text, result.file_id)
    size = f", {words.size(result.size)}" if result.size is not None else ""
    return Event(result.at, TABLE, READY, f"file ready{size}", result.file_id)


def _of_attempt(attempt: Attempt) -> Event:
    answer = f", status {attempt.status}" if attempt.status else ""
    took = f", {attempt.duration_ms:,} ms" if attempt.duration_ms is not None else ""
    later = f", again at {attempt.next_at.astimezone():%H:%M:%S}" if attempt.next_at else ""
    bad = attempt.outcome in {"failed", "stopped", "exhausted"}
    return Event(
        _end(attempt),
        TABLE,
        DELIVERED if attempt.outcome == "delivered" else "webhook",
        f"webhook attempt {attempt.number} {attempt.outcome}{answer}{took}{later}",
        attempt=attempt.number,
        reason=attempt.failure,
        level="warning" if bad else "info",
    )


def _end(attempt: Attempt) -> datetime:
    return attempt.at + timedelta(milliseconds=attempt.duration_ms or 0)


def _version_id(attempt: Attempt) -> str:
    return f"_{attempt.version}"
