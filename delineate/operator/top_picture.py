"""`admin top` drawn for a terminal: never taller or wider than the window, whatever it is told."""

import textwrap
from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from delineate import words
from delineate.operator.items import Job
from delineate.operator.queues import ENDS, LANES, Depth
from delineate.operator.scene import ENDINGS, Scene

OTHER_LINES = 12
"""Everything but complaints and jobs: heading, states, rates, queues, blank lines, the table's head."""
FEWEST_COMPLAINT_LINES, FEWEST_ROWS = 6, 3
LINES_OF_ONE = 4
"""A complaint is cut after so many lines: AWS's own words can be long."""
MOST_ROWS = 30
BAR_WIDTHS = (6, 24)
OTHERS_WIDTH = 92
"""What a job's row takes beside its bar."""
ID_WIDTH, AGE_WIDTH = 36, 10
NOT_KNOWN = ("?  not known", "yellow")
COLOURS = {"queued": "yellow", "processing": "cyan", "completed": "green", "failed": "red"}


def draw(scene: Scene, width: int, height: int) -> RenderableType:
    """The whole picture."""
    most = max(FEWEST_COMPLAINT_LINES, height - OTHER_LINES - FEWEST_ROWS)
    complaints = _cut([*_complaints(scene, width), *_unjudged(scene, width)], most)
    room = max(1, min(MOST_ROWS, height - OTHER_LINES - len(complaints)))
    numbers = [_open(scene), _ended(scene), _rates(scene), Text(), *_queues(scene)]
    return Group(_heading(scene), *complaints, Text(), *numbers, Text(), _jobs(scene, room, width))


def _line(*parts: tuple[str, str] | str) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")


def _heading(scene: Scene) -> Text:
    return _line((scene.stack, "bold"), (f"  {scene.look.at.astimezone():%H:%M:%S}", "dim"))


def _complaints(scene: Scene, width: int) -> Iterator[Text]:
    if not scene.complaints:
        yield _line(_well(scene))
    for one in scene.complaints:
        yield from _wrapped(
            f"{'✗' if one.grave else '!'} {one.line}", width, "red" if one.grave else "yellow"
        )


def _well(scene: Scene) -> tuple[str, str]:
    """No more than the looks so far can tell."""
    if not scene.unjudged:
        return "✓ All is well.", "green"
    seconds = scene.watched.total_seconds()
    return f"· No fault seen in {words.span(seconds) if seconds else 'one look'}.", ""


def _unjudged(scene: Scene, width: int) -> Iterator[Text]:
    if scene.unjudged:
        yield from _wrapped(f"  Not judged: {'; '.join(scene.unjudged)}.", width, "dim")


def _wrapped(text: str, width: int, style: str) -> Iterator[Text]:
    lines = textwrap.wrap(text, width, subsequent_indent="  ", max_lines=LINES_OF_ONE, placeholder=" …")
    return (_line((line, style)) for line in lines)


def _cut(lines: list[Text], most: int) -> list[Text]:
    more = len(lines) - most
    return lines if more <= 0 else [*lines[:most], _line((f"… and {more} more lines", "dim"))]


def _open(scene: Scene) -> Text:
    if not scene.look.seen:
        return _line(("Open      ", "bold"), NOT_KNOWN)
    states = Counter(job.status for job in scene.look.open)
    unseen = f"{scene.look.unseen:,} more not looked at" if scene.look.unseen > 0 else ""
    counts = [_count(states[name], name) for name in ("queued", "processing")]
    return _line(("Open      ", "bold"), *counts, (unseen, "yellow"))


def _ended(scene: Scene) -> Text:
    if not scene.compared:
        return _line(("Ended     ", "bold"), NOT_KNOWN)
    counts = [_count(scene.ended.get(name, 0), name) for name in ENDINGS]
    return _line(("Ended     ", "bold"), *counts, (f"since {scene.since.astimezone():%H:%M:%S}", "dim"))


def _count(number: int, name: str) -> tuple[str, str]:
    return f"{number:,} {name}  ", COLOURS.get(name, "") if number else "dim"


def _rates(scene: Scene) -> Text:
    label = ("Rates     ", "bold")
    if scene.rates is None:
        return _line(label, NOT_KNOWN if not scene.look.seen else ("known from the second look on", "dim"))
    rates = scene.rates
    share = "no file ended" if rates.failed_share is None else f"{rates.failed_share:.1%} of files failed"
    speeds = f"{rates.files_a_second:,.1f} files/s  {rates.jobs_a_minute:,.1f} jobs ended/min  {share}"
    return _line(label, speeds, (f"  over the last {words.span(rates.seconds)}", "dim"))


def _queues(scene: Scene) -> Iterator[RenderableType]:
    if scene.look.queues is None:
        yield _line(("Queues    ", "bold"), NOT_KNOWN)
        return
    lanes = Table.grid(padding=(0, 3, 0, 0))
    for name in LANES.values():
        if name in scene.look.queues:
            lanes.add_row(_lane(name, scene.look.queues[name]))
    yield lanes
    counts = {name: scene.look.queues[name].all for name in ENDS.values() if name in scene.look.queues}
    # What is not empty comes first: a narrow window cuts off zeros.
    ends = sorted(counts.items(), key=lambda end: not end[1])
    yield _line(("Letters   ", "bold"), *(_end(name, count) for name, count in ends))


def _lane(name: str, depth: Depth) -> Text:
    told = f"{depth.waiting:>7,} waiting  {depth.in_flight:>6,} in flight  {depth.delayed:>6,} delayed"
    return _line((f"{name:<10}", "bold"), (told, "" if depth.all else "dim"))


def _end(name: str, count: int) -> tuple[str, str]:
    return f"{count:,} {name}  ", "bold red" if count else "dim"


def _jobs(scene: Scene, room: int, width: int) -> RenderableType:
    slowest = scene.slowest
    if not scene.look.seen:
        return _line(("Whether a job is open is not known.", "yellow"))
    if not slowest:
        return _line(("No job is open.", "dim"))
    bar = min(max(width - OTHERS_WIDTH, BAR_WIDTHS[0]), BAR_WIDTHS[1])
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False, header_style="dim")
    table.add_column("slowest open jobs", no_wrap=True, min_width=ID_WIDTH)
    table.add_column("age", no_wrap=True, justify="right", min_width=AGE_WIDTH)
    # What a narrow window has no room for is left out, so that an id can always be copied.
    named = width >= OTHERS_WIDTH + BAR_WIDTHS[0]
    for title in ("", "files", "who") if named else ("", "files"):
        table.add_column(title, no_wrap=True, overflow="ellipsis")
    for job in slowest[:room]:
        table.add_row(*_row(scene, job, bar)[: len(table.columns)])
    return table


def _row(scene: Scene, job: Job, bar: int) -> list[RenderableType]:
    overdue = job.deadline_at is not None and job.deadline_at < scene.look.at
    age = Text(words.span(scene.age(job).total_seconds()), "red" if overdue else "")
    files = Text(f"{job.done:,}/{job.total:,}")
    if job.failed:
        files.append(f" {job.failed:,} failed", "red")
    name = Text(job.job_id, COLOURS[job.status] if job.status == "queued" else "")
    return [name, age, ProgressBar(job.total, job.done, width=bar), files, Text(job.who, "dim")]
