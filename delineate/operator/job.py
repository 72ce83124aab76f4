"""The command `admin job`: one job's story for a person, or as one document."""

from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console

from delineate.cli.ending import print_document
from delineate.operator.cloud import ClientOf, aws
from delineate.operator.event import Event
from delineate.operator.fold import folded
from delineate.operator.job_picture import draw
from delineate.operator.paper import roomy
from delineate.operator.story import Question, Story, told
from delineate.operator.summary import Summary, summed_up


def show(
    question: Question,
    each_file: bool,
    as_json: bool,
    client_of: ClientOf = aws,
    console: Console | None = None,
) -> None:
    """Print the story. Raises AdminFault, and JobUnknown for a job that nothing is known of."""
    story = told(question, client_of)
    summary = summed_up(story)
    events = list(story.events if each_file else folded(story.events))
    if as_json:
        return print_document(document(story, summary, events))
    return (console or roomy()).print(draw(story, summary, events))


def document(story: Story, summary: Summary, events: Sequence[Event]) -> dict[str, object]:
    """The story for a program; owners stand in it by their digest only."""
    job, pace = story.record.job, summary.pace
    origin = story.origin
    times = {} if job is None else {
        "createdAt": job.created_at.isoformat(),
        "startedAt": job.started_at and job.started_at.isoformat(),
        "endedAt": job.ended_at and job.ended_at.isoformat(),
        "deadlineAt": job.deadline_at and job.deadline_at.isoformat(),
        "userId": job.who,
        "priority": job.priority,
        "round": job.round,
        "version": job.version,
        "total": job.total,
        "completed": job.completed,
        "failed": job.failed,
        "requestId": origin and origin.request_id,
        "correlationId": origin and origin.correlation_id,
        "traceId": origin and origin.trace_id,
    }  # fmt: skip
    return {
        "jobId": story.question.job_id,
        "stack": story.question.stack,
        "at": story.at.isoformat(),
        "status": summary.status,
        **times,
        "reasons": dict(summary.reasons),
        "waitedSeconds": _seconds(pace.waited),
        "ranSeconds": _seconds(pace.ran),
        "filesPerSecond": pace.files_a_second and round(pace.files_a_second, 3),
        "readyAfterSeconds": {"p50": _seconds(pace.half), "max": _seconds(pace.last)},
        "attemptsInVain": dict(pace.vain),
        "longestGap": pace.gap
        and {"seconds": _seconds(pace.gap.took), "until": pace.gap.until and pace.gap.until.text},
        "webhookAfterSeconds": _seconds(summary.notice),
        "held": summary.held,
        "advice": summary.advice,
        "notes": list(story.notes),
        "events": [event.document(story.start) for event in events],
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else round(span.total_seconds(), 3)
