"""What holds up an open job in which nothing happens: its lane, as SQS counts it now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from delineate import words
from delineate.operator.items import Job
from delineate.operator.pace import Pace
from delineate.operator.queues import Depth
from delineate.operator.story import Story

A_WHILE = timedelta(seconds=10)


@dataclass(frozen=True)
class Hold:
    """Why nothing happens, and what to do; `to_do` is empty when that is not known."""

    why: str
    to_do: str


def hold(story: Story, job: Job, pace: Pace) -> Hold | None:
    """What holds the job; None when something happened lately, or when it cannot be known."""
    if not job.open or pace.quiet is None or pace.quiet < A_WHILE:
        return None
    quiet = words.span(pace.quiet.total_seconds())
    if story.lane is None:
        return Hold(f"nothing is known to have happened for {quiet}; its lane could not be read", "")
    now = story.lane
    counted = (
        f"nothing is known to have happened for {quiet}; lane {job.priority} has {now.waiting:,} waiting, "
        f"{now.in_flight:,} in flight, {now.delayed:,} delayed; {story.dead_letters or 0:,} dead letters"
    )
    why, to_do = next(_reasons(story, pace, now))
    return Hold(f"{counted}: {why}", to_do)


def _reasons(story: Story, pace: Pace, now: Depth) -> Iterator[tuple[str, str]]:
    """What can be meant by these numbers, the most telling first."""
    if now.waiting and not now.in_flight:
        yield (
            "nothing works on its lane",
            "Look again in half a minute; if it stays so: docs/runbook.md, Nothing works on waiting files.",
        )
    if story.dead_letters:
        yield (
            "letters that bury_file has not taken, perhaps its own",
            "docs/runbook.md, Dead letters stay.",
        )
    if now.waiting:
        yield "others are being worked on before it", "Wait, or see docs/runbook.md, Files wait."
    if now.delayed and story.delay:
        yield (
            "files are held back by the simulated delay",
            "Nothing: it goes on when the delay is over (DOWNLOAD_DELAY_ENABLED=false ends the simulation).",
        )
    if now.delayed:
        yield "messages are held back until their time comes", "Nothing: they come by themselves."
    if now.in_flight and pace.vain:
        code, _ = pace.vain.most_common(1)[0]
        yield (
            f"files wait for their next attempt after {code}, or are being prepared",
            (f"Mend what makes {code}; they are tried again by themselves."),
        )
    if now.in_flight:
        yield (
            "files are being prepared, or hidden until their next attempt",
            ("Nothing yet: what breaks off is tried again; look for ERROR in process_file."),
        )
    yield (
        "its messages are not in the lane",
        ("Wait for sweep_jobs, which sends them again after two minutes: docs/runbook.md, A job is stuck."),
    )
