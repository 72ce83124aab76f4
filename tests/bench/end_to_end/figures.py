"""What a run found, as tables and goals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench.end_to_end.beside import BARE, NOOP
from tests.bench.end_to_end.measured import Measured
from tests.bench.end_to_end.overhead import Queued
from tests.bench.end_to_end.quantiles import Spread, spread
from tests.bench.end_to_end.size import Size
from tests.bench.end_to_end.stack import CONCURRENCY, USERS
from tests.bench.report import Bound, Goal, Report, Table, figure

MOST_FRAMES_A_SECOND = 10
UNKNOWN = "–"
QUANTILES = ("p50", "p95", "p99")
Row = tuple[str, ...]

INTRO = """
{jobs} jobs of {each} files are started at {rate} a second by {users} users, then one job of {files} files.
The service is the whole stack, deployed to the emulator, and called through its HTTP and WebSocket APIs
with tokens. Beside it run, against the same S3 server and with the same HEAD a file: **always-on**, which
is Redis 7 (appended, synced every second), BullMQ with one worker of concurrency {concurrency}, and a Node
API that sends a frame a file; and **Celery** with {concurrency} processes on such a Redis, whose jobs are
started by a call in the client's process, with neither an HTTP API nor frames. Both sign a URL a file and
keep it; the service signs links as it hands them out, which no figure here contains.

What is compared is not alike, mostly to the service's disadvantage. The emulator is one Python process that
plays API Gateway, SQS, DynamoDB, its stream and S3, and runs each Lambda in a subprocess: a hop through it
is some milliseconds of a core that it shares with all functions, where AWS has a fleet. The service's
{concurrency} runs take ten files each, a peer's worker one at a time. The service verifies a token, counts
a user's rate and open jobs, and records results under conditions; the peers have none of that, and keep
results in one Redis. So what counts here is what was lost and doubled, the frames, and what remains between
starting a job and two floors, called by the same users between their jobs: a Lambda that does nothing, and
one that makes the same calls by boto3 alone.
"""


@dataclass(frozen=True)
class Found:
    """A run: the bench's own functions alone, by HTTP and by queue, and what each contender came to."""

    size: Size
    alone: Mapping[str, Spread | None]
    queued: Queued
    many: Measured
    large: Measured
    peer_many: Measured
    peer_large: Measured
    other_many: Measured

    def under_load(self, name: str) -> Spread | None:
        """Of one of the bench's own functions, called between the service's jobs."""
        return spread(self.many.hops.get(name, ()))


def report(found: Found) -> Report:
    numbers = found.size
    intro = INTRO.format(
        jobs=f"{numbers.jobs:,}",
        each=numbers.files_a_job,
        rate=figure(numbers.rate),
        users=USERS,
        files=f"{numbers.files:,}",
        concurrency=CONCURRENCY,
    )
    return Report(
        "End to end on one machine", intro, list(_tables(found)), list(_goals(found)), trial=numbers.trial
    )


def _tables(found: Found) -> Iterator[Table]:
    many = (found.many, found.peer_many, found.other_many)
    large = (found.large, found.peer_large)
    jobs, files = f"{found.size.jobs:,}", f"{found.size.files:,}"
    yield Table(
        f"{jobs} jobs of {found.size.files_a_job} files: what became of them",
        ("", *(one.name for one in many)),
        [*_counts(many), *_frames(many)],
        "Audited after the run: the service by its table and every change in its stream, the peers by Redis.",
    )
    yield Table(
        f"{jobs} jobs of {found.size.files_a_job} files: how long it took",
        ("", *(one.name for one in many)),
        _times(many),
    )
    yield Table(
        f"One job of {files} files",
        ("", *(one.name for one in large)),
        [*_counts(large), *_frames(large), *_times(large)],
    )
    yield _overhead(found)


def _counts(ran: Sequence[Measured]) -> Iterator[Row]:
    def row(name: str, of: Callable[[Measured], str]) -> Row:
        return (name, *(of(one) for one in ran))

    yield row("jobs accepted", lambda one: f"{len(one.started):,}")
    yield row("files accepted", lambda one: f"{one.audit.accepted:,}")
    yield row("files completed", lambda one: f"{one.audit.completed:,}")
    yield row("files lost", lambda one: f"{one.audit.lost:,}")
    yield row("files double", lambda one: f"{one.audit.double:,}")
    yield row("most jobs open at once", lambda one: f"{one.open_at_once:,}")
    yield row("files a second", lambda one: figure(one.files_a_second))


def _frames(ran: Sequence[Measured]) -> Iterator[Row]:
    def row(name: str, of: Callable[[Measured], str]) -> Row:
        return (name, *(of(one) if one.watched else UNKNOWN for one in ran))

    yield row("connections that saw every file", lambda one: f"{one.seen_whole} of {len(one.watched)}")
    yield row("frames a connection", lambda one: figure(one.frames_a_job))
    yield row("frames in a connection's busiest second", lambda one: f"{one.busiest}")


def _times(ran: Sequence[Measured]) -> list[Row]:
    return [
        *_quantiles("initiate", [one.initiate for one in ran]),
        *_quantiles("initiate to first result", [one.first_result for one in ran]),
        *_quantiles("result to frame", [one.to_frame for one in ran]),
    ]


def _quantiles(name: str, spreads: Sequence[Spread | None]) -> Iterator[Row]:
    if max((one.count for one in spreads if one), default=0) == 1:
        yield (name, *(_ms(one.p50) if one else UNKNOWN for one in spreads))
        return
    for quantile in QUANTILES:
        yield (f"{name}, {quantile}", *(_ms(getattr(one, quantile)) if one else UNKNOWN for one in spreads))


def _overhead(found: Found) -> Table:
    many = found.many.initiate
    rows = [
        _spread("no-op, HTTP API to Lambda, nothing else running", found.alone.get(NOOP)),
        _spread("no-op, SQS to Lambda, nothing else running", found.queued.alone),
        _spread("bare, nothing else running", found.alone.get(BARE)),
        _spread("no-op, between the jobs above", found.under_load(NOOP)),
        _spread("bare, between the jobs above", found.under_load(BARE)),
        _spread("initiate, in that same time", many),
        ("initiate to no-op", *_ratios(many, found.under_load(NOOP))),
        ("initiate to bare", *_ratios(many, found.under_load(BARE))),
    ]
    burst = figure(found.queued.burst_a_second)
    note = (
        "Two functions behind the same authorizer and in the same API: no-op writes a line and returns; bare "
        "makes, by boto3 alone, the four calls that accepting a job takes (two updates, a transaction, ten "
        "messages), each of which is one more hop through the emulator. Of a burst, SQS brings no-op "
        f"{burst} messages a second, in batches of ten and {CONCURRENCY} at once."
    )
    return Table("The emulator's own overhead", ("", *QUANTILES), rows, note)


def _spread(name: str, one: Spread | None) -> Row:
    return (name, *(_ms(getattr(one, quantile)) if one else UNKNOWN for quantile in QUANTILES))


def _ratios(one: Spread | None, floor: Spread | None) -> Row:
    if one is None or floor is None:
        return (UNKNOWN,) * len(QUANTILES)
    return tuple(figure(getattr(one, quantile) / getattr(floor, quantile)) for quantile in QUANTILES)


def _goals(found: Found) -> Iterator[Goal]:
    runs = (found.many, found.large)
    due = found.size.jobs + 1
    yield Goal("jobs accepted", sum(len(one.started) for one in runs), due, Bound.AT_LEAST)
    yield Goal("files lost", sum(one.audit.lost for one in runs), 0)
    yield Goal("files double", sum(one.audit.double for one in runs), 0)
    yield Goal("anything else that the audit finds", sum(len(one.audit.wrong) for one in runs), 0)
    unseen = sum(len(one.watched) - one.seen_whole for one in runs)
    yield Goal("connections that missed a file or the end", unseen, 0)
    busiest = max(one.busiest for one in runs)
    yield Goal("frames in any connection's busiest second", busiest, MOST_FRAMES_A_SECOND)
    own, peer, hop = found.many.initiate, found.peer_many.initiate, found.under_load(NOOP)
    if own and peer and hop:
        name = "initiate's p99, to always-on's p99 and one emulator hop's p99 together"
        yield Goal(name, own.p99 / (peer.p99 + hop.p99), 1.0)


def _ms(seconds: float) -> str:
    return f"{figure(seconds * 1000)} ms"
