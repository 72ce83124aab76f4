"""What looking for so long cannot tell yet, so that nobody takes a short look for a clean bill."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from delineate import words
from delineate.operator.health import ENOUGH_FILES, STANDS_STILL
from delineate.operator.look import Look
from delineate.operator.tally import WINDOW, Rates


def unjudged(
    look: Look, since: datetime, rates: Rates | None, standing: Mapping[str, datetime]
) -> Iterator[str]:
    """Each thing not judged by the looks from `since` to `look`; nothing after a minute of looking."""
    watched = look.at - since
    if watched >= WINDOW:
        return
    yield f"jobs that had ended by {since.astimezone():%H:%M:%S}"
    if rates is None:
        yield "rates and failures, which take two looks"
    elif rates.files < ENOUGH_FILES:
        span = words.span(rates.seconds)
        yield f"failures, of which {words.files(rates.files)} with a result in {span} tell little"
    if look.queues and watched < STANDS_STILL:
        yield from (_of_lane(lane, look) for lane in standing)


def _of_lane(lane: str, look: Look) -> str:
    waiting = look.queues[lane].waiting if look.queues else 0
    seconds = words.span(STANDS_STILL / timedelta(seconds=1))
    return f"whether anything prepares the {words.files(waiting)} waiting in {lane}, which takes {seconds}"
