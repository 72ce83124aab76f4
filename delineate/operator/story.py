"""One job's whole story: its items and its log lines, in the order of time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from delineate.errors import DelineateError
from delineate.operator.cloud import AdminFault, ClientOf, Place, asked, find
from delineate.operator.event import FAILED, READY, Event
from delineate.operator.functions import Functions, configured
from delineate.operator.items import Origin
from delineate.operator.kept import kept, untold
from delineate.operator.logs import Line, Logs, Window
from delineate.operator.queues import DEAD, NAMES, Depth, depths
from delineate.operator.record import Record, read
from delineate.operator.rounds import Round, rounds_of, told_once
from delineate.operator.veil import Veil
from delineate.operator.wording import in_words

BEFORE, AFTER = timedelta(minutes=1), timedelta(minutes=15)
"""How much of the logs is read before a job was asked for and after the last that is known of it."""
WITHOUT_ITEM = timedelta(hours=24)
"""How far back logs are read when no item says when the job was: jobs are kept for a day."""

LONGEST = 300
"""Letters of an event's text."""


class JobUnknown(DelineateError):
    """Neither the table nor the logs know of the job."""

    code = "JOB_NOT_FOUND"


@dataclass(frozen=True)
class Question:
    """Which job of which stack; logs are read since `since`, None for the job's own time."""

    stack: str
    job_id: str
    since: datetime | None = None


@dataclass(frozen=True)
class Story:
    """What is known of a job at `at`; `notes` say what could not be read.

    `lane` and `dead_letters` are what SQS has now, asked only while the job is open; `delay` is
    the simulated one.
    """

    question: Question
    at: datetime
    record: Record
    events: tuple[Event, ...]
    notes: tuple[str, ...] = ()
    rounds: tuple[Round, ...] = ()
    delay: tuple[timedelta, timedelta] | None = None
    lane: Depth | None = None
    dead_letters: int | None = None

    @property
    def origin(self) -> Origin | None:
        """The job's request by its ids, veiled: a caller chooses the correlation id."""
        origin = self.record.job and self.record.job.origin
        if not origin:
            return None
        veil = self.record.veil.over
        return Origin(
            *(one and veil(one) for one in (origin.request_id, origin.correlation_id, origin.trace_id))
        )

    @property
    def start(self) -> datetime | None:
        """When the job was asked for; else when it is first heard of."""
        if self.record.job:
            return self.record.job.created_at
        return next((event.at for event in self.events if event.at), None)


def told(
    question: Question, client_of: ClientOf, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Story:
    """The story of a job. Raises AdminFault, and JobUnknown when there is nothing to tell."""
    place, now = find(question.stack, client_of), clock()
    record = read(asked(lambda: client_of("dynamodb")), place.table, question.job_id)
    window = _window(question, record, now)
    functions = configured(asked(lambda: client_of("lambda")), place.functions)
    lines, notes = _lines(functions, question.job_id, window, client_of)
    if record.empty and not lines:
        raise JobUnknown(_never(question, window, notes))
    lane, dead = _queues(place, record, client_of, notes)
    rounds = rounds_of(record.job, lines) if record.job else ()
    attempts = told_once((in_words(line) for line in untold(record, lines)), rounds)
    events = [*kept(record, lines), *attempts]
    veiled = (_veiled(event, record.veil) for event in events)
    shown = tuple(record.veil.over(note) for note in notes)
    told_by = tuple(_in_order(veiled, record, now))
    return Story(question, now, record, told_by, shown, rounds, functions.delay, lane, dead)


def _queues(
    place: Place, record: Record, client_of: ClientOf, notes: list[str]
) -> tuple[Depth | None, int | None]:
    """The lane of an open job and the dead letters, as SQS counts them now."""
    if not (record.job and record.job.open):
        return None, None
    lane = record.job.priority
    urls = {name: url for name, url in place.queues.items() if NAMES.get(name) in (lane, DEAD)}
    try:
        now = asked(lambda: depths(client_of("sqs"), urls))
    except AdminFault as fault:
        notes.append(f"What waits in its lane cannot be read: {fault}")
        return None, None
    return now.get(lane), now[DEAD].all if DEAD in now else None


def _veiled(event: Event, veil: Veil) -> Event:
    # Cut after it is veiled: half a name is found by nobody, and known to its bearer.
    return replace(event, text=veil.over(event.text)[:LONGEST], kind=veil.over(event.kind))


def _lines(
    functions: Functions, job_id: str, window: Window, client_of: ClientOf
) -> tuple[list[Line], list[str]]:
    logs = Logs(asked(lambda: client_of("logs")), functions.groups, window)
    own = logs.of_job(job_id)
    lines = [*own, *logs.of_requests(own)]
    return lines, list(dict.fromkeys([*functions.faults, *logs.faults]))


def _window(question: Question, record: Record, now: datetime) -> Window:
    job = record.job
    if question.since or not job:
        return Window(question.since or now - WITHOUT_ITEM, now)
    last = max([now if job.open else job.ended_at or now, *(attempt.at for attempt in record.attempts)])
    return Window(job.created_at - BEFORE, min(now, last + AFTER))


def _never(question: Question, window: Window, notes: list[str]) -> str:
    since = f"{window.since.astimezone():%Y-%m-%d %H:%M}"
    return (
        f"There is no job {question.job_id} in {question.stack}, or it is gone: a job is kept for a day, the "
        f"results of its files for a week. No log line since {since} names it; --hours looks further back."
        + (" Not every log could be read." if notes else "")
    )


def _in_order(events: Iterable[Event], record: Record, now: datetime) -> list[Event]:
    """By time; what has none comes just before the end, by which it had happened."""
    job = record.job
    end = job.ended_at if job and job.ended_at else now
    return sorted(events, key=lambda event: (event.at or end, _rank(event)))


def _rank(event: Event) -> int:
    """At one and the same moment: a beginning, results, then whatever follows from them."""
    if event.kind in (READY, FAILED):
        return 1
    return 0 if event.text.startswith(("accepted", "queued →")) else 2
