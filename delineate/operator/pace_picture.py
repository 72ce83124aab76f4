"""A job's pace in words: the rows of its head that say why it took so long."""

from collections.abc import Iterator
from datetime import timedelta

from delineate import words
from delineate.operator.event import Event
from delineate.operator.items import Job
from delineate.operator.pace import Pace
from delineate.operator.story import Story
from delineate.operator.summary import Summary

EXACT_SECONDS = 60
FEW_ROUNDS = 3


def pace_rows(story: Story, summary: Summary) -> Iterator[tuple[str, str]]:
    """Titles and texts, only of what is known."""
    job, pace = story.record.job, summary.pace
    if job is None:
        return
    yield "Time", "; ".join([_time(job, pace), *_before(story)])
    if pace.files_a_second or pace.last:
        yield "Pace", "; ".join(_pace(pace))
    if story.delay:
        least, most = story.delay
        yield (
            "Delay",
            f"each file is held back {_span(least)} to {_span(most)}: DOWNLOAD_DELAY_ENABLED simulates it",
        )
    if pace.vain:
        codes = ", ".join(f"{count:,} {code}" for code, count in pace.vain.most_common())
        yield "In vain", f"{pace.vain.total():,} attempt{'' if pace.vain.total() == 1 else 's'}: {codes}"
    if pace.gap and not summary.held:
        yield "Gap", f"{_span(pace.gap.took)} without anything known, until {_ended(pace.gap.until, job)}"
    if summary.held:
        yield "Held", summary.held
    if summary.notice:
        yield "Webhook", f"delivered {_span(summary.notice)} after the end"


def _time(job: Job, pace: Pace) -> str:
    if pace.waited is None:
        return f"not known: no log line tells when round {job.round} began"
    if pace.ran is None:
        return (
            f"waited {_span(pace.waited)}, and nothing has begun"
            if job.open
            else f"waited {_span(pace.waited)}"
        )
    return f"waited {_span(pace.waited)}, {'has run' if job.open else 'ran'} {_span(pace.ran)}"


def _before(story: Story) -> Iterator[str]:
    """The rounds before, which count apart: between two rounds nothing is asked of the service."""
    for one in story.rounds[:-1][-FEW_ROUNDS:]:
        if one.begun and one.ended:
            yield f"round {one.number} before it took {_span(one.ended - one.begun)}"


def _pace(pace: Pace) -> Iterator[str]:
    if pace.files_a_second:
        yield f"{pace.files_a_second:,.1f} files/s"
    if pace.half and pace.last:
        yield f"half of the files were ready after {_span(pace.half)}, the last after {_span(pace.last)}"


def _ended(event: Event | None, job: Job) -> str:
    if event is None:
        return "now" if job.open else "its end"
    return f"{event.text}" + (f" ({event.file_id})" if event.file_id else "")


def _span(time: timedelta) -> str:
    seconds = time.total_seconds()
    return f"{seconds:.1f} s" if seconds < EXACT_SECONDS else words.span(seconds)
