"""`admin job` as text: a summary on top, then a line an event."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from delineate import words
from delineate.operator.event import DELIVERED, FAILED, READY, Event
from delineate.operator.pace_picture import pace_rows
from delineate.operator.story import Story
from delineate.operator.summary import Summary

REASONS = {
    "NOT_FOUND": "the store has no such file",
    "FORBIDDEN": "may not be had by this caller, or by the service",
    "TIMEOUT": "the store did not answer in time",
    "STORAGE_UNAVAILABLE": "the store was overloaded or away",
    "DEADLINE_EXCEEDED": "the job's deadline passed before",
    "ATTEMPTS_EXHAUSTED": "every attempt broke off",
    "JOB_ENDED": "the job ended before",
    "ARCHIVED": "archived, and no restored copy is there",
}
STYLES = {"warning": "yellow", "error": "red", "critical": "red", "debug": "dim"}
KINDS = {READY: "green", DELIVERED: "green", FAILED: "red", "request": "dim"}


def draw(story: Story, summary: Summary, events: Iterable[Event]) -> RenderableType:
    """The whole text."""
    return Group(*_head(story, summary), Text(), _table(story, events))


def _head(story: Story, summary: Summary) -> Iterator[Text]:
    job = story.record.job
    yield Text.assemble((f"Job {story.question.job_id}", "bold"), f"  {summary.status}")
    if job:
        pending = job.total - job.done
        counts = f"{job.completed:,} of {words.files(job.total)} ready, {job.failed:,} failed"
        yield _row("Files", counts + (f", {pending:,} without a result" if pending else ""))
    for code, count in summary.reasons.most_common():
        yield _row("", f"{count:,} {code}: {REASONS.get(code, 'no words are known')}", "red")
    if job:
        yield from _ids(story)
        again = f", round {job.round}" if job.round > 1 else ""
        yield _row(
            "Asked",
            f"{job.created_at.astimezone():%Y-%m-%d %H:%M:%S} by {job.who}, lane {job.priority}{again}",
        )
        yield from (_row(title, text) for title, text in pace_rows(story, summary))
    yield _row("To do", summary.advice)
    for note in story.notes:
        yield _row("Note", note, "yellow")


def _ids(story: Story) -> Iterator[Text]:
    """What finds its request in logs and traces."""
    if origin := story.origin:
        named = {"request": origin.request_id, "correlation": origin.correlation_id, "trace": origin.trace_id}
        yield _row("Ids", ", ".join(f"{name} {one}" for name, one in named.items() if one))


def _row(title: str, text: str, style: str = "") -> Text:
    return Text.assemble((f"  {title:<9}", "dim"), (text, style))


def _table(story: Story, events: Iterable[Event]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for event in events:
        table.add_row(*_event(event, story.start))
    return table


def _event(event: Event, start: datetime | None) -> tuple[Text, Text, Text, Text]:
    style = STYLES.get(event.level) or KINDS.get(event.kind, "")
    return (
        Text(f"{event.at.astimezone():%H:%M:%S.%f}"[:-3] if event.at else "by then", "dim"),
        Text(_offset(event.at, start)),
        Text(event.source, "cyan"),
        Text(_said(event), style),
    )


def _said(event: Event) -> str:
    file = f"{event.file_id}  " if event.file_id else ""
    attempt = f", attempt {event.attempt}" if event.attempt and event.file_id else ""
    reason = f" ({event.reason})" if event.reason else ""
    until = f", until {event.until.astimezone():%H:%M:%S}" if event.count > 1 and event.until else ""
    again = f" ×{event.told}" if event.told > 1 else ""
    return f"{file}{event.text}{attempt}{reason}{again}{until}"


def _offset(at: datetime | None, start: datetime | None) -> str:
    if at is None or start is None:
        return ""
    seconds = (at - start).total_seconds()
    return f"{'-' if seconds < 0 else '+'}{abs(seconds):,.3f} s"
