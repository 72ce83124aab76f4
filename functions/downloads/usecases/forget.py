"""One user is to be forgotten: everything of theirs goes, a slice a call, until nothing is left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from downloads.forget_ports import Holdings
from downloads.history_ports import History

HISTORY_BATCH = 50


@dataclass(slots=True)
class Forgotten:
    """What one call did. ``after`` is where the look through the table goes on; ``done`` when all is over."""

    jobs: int = 0
    items: int = 0
    history: int = 0
    looked_at: int = 0
    after: str | None = None
    done: bool = False


@dataclass(frozen=True, slots=True)
class Shredder:
    """``time_left`` says whether there is time for one more step: 50 jobs, or a megabyte of the table."""

    holdings: Holdings
    history: History | None
    time_left: Callable[[], bool]


def forget(owner: str, shredder: Shredder, now: datetime, after: str | None = None) -> Forgotten:
    """Deletes as much of an owner's as there is time for.

    Called again with its ``after`` until ``done``; called from the beginning at any time, it finds what is
    left. The table goes first, so that nothing of it is kept anew; then the history, whatever is still on
    its way there. Raises StateUnavailableError or HistoryDownError, having done a part.
    """
    told = Forgotten(after=after)
    if not (_shred_jobs(owner, shredder, told) and _forget_history(owner, shredder, told, now)):
        return told
    told.items += shredder.holdings.shred_account(owner)
    while not told.done:
        strays = shredder.holdings.shred_strays(owner, told.after)
        told.items += strays.deleted
        told.looked_at += strays.looked_at
        told.after, told.done = strays.after, strays.after is None
        if not shredder.time_left():
            break
    return told


# In each, time is looked at after a step: so every call, however short, comes nearer to the end.
def _shred_jobs(owner: str, shredder: Shredder, told: Forgotten) -> bool:
    """Whether it came to the end."""
    after: str | None = None
    while True:
        page = shredder.holdings.jobs(owner, after)
        for job_id in page.ids:
            _shred(job_id, shredder, told)
            if not shredder.time_left():
                return False
        if page.after is None:
            return True
        after = page.after


def _forget_history(owner: str, shredder: Shredder, told: Forgotten, now: datetime) -> bool:
    """As above. Results outlive their job in the table by days: the history still knows whose they are."""
    while shredder.history:
        gone = shredder.history.forget(owner, now, HISTORY_BATCH)
        told.history += len(gone)
        for job_id in gone:
            _shred(job_id, shredder, told)
        if len(gone) < HISTORY_BATCH:
            break
        if not shredder.time_left():
            return False
    return True


def _shred(job_id: str, shredder: Shredder, told: Forgotten) -> None:
    deleted = shredder.holdings.shred_job(job_id)
    told.items += deleted
    told.jobs += deleted > 0
