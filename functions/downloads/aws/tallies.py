"""Tallies: the items beside a job in which its results are counted.

A batch's transaction holds its files and one tally of the job's round, `JOB#<id>` / `TALLY#<round>#<number>`,
and never the job: batches that run at once rarely meet. The job as anyone reads it is its own item and its
tallies added up (`Job.settled`); settling.py writes that down. A tally's ``news`` are the files of its last
batch, so that its stream record tells watchers all there is to tell. One that is closed counts no more: that
is how a job is ended before all its files have a result.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from downloads.aws import items, spread
from downloads.changes import FileNews, ReadyFile, Recorded
from downloads.errors import StateUnreadableError
from downloads.file import ErrorCode, FailedFile, FileStanding, PreparedFile, RestoringFile
from downloads.model import Job
from downloads.tallied import Tallied

PREFIX = "TALLY#"
COUNTS = ("completed", "failed", "batches")
OPEN = "attribute_not_exists(closed_at)"


def counting(
    job: Job, number: int, files: Sequence[FileStanding], now: datetime, expires_at: datetime
) -> items.Item:
    """The update that counts a batch of files and tells of them; the first of a tally makes it."""
    failed = sum(isinstance(file, FailedFile) for file in files)
    completed = sum(isinstance(file, PreparedFile) for file in files)
    values = {
        ":completed": completed,
        ":failed": failed,
        # What waits for its restore is told of, and has no result.
        ":batches": 1 if completed or failed else 0,
        ":news": _news(files),
        ":now": now,
        ":expires_at": items.epoch_s(expires_at),
    }
    return {
        "Key": _key(job, number),
        "UpdateExpression": "SET news = :news, counted_at = :now, expires_at = :expires_at "
        "ADD completed :completed, failed :failed, batches :batches",
        "ConditionExpression": OPEN,
        "ExpressionAttributeValues": items.to_values(values),
    }


def closing(job: Job, number: int, now: datetime) -> items.Item:
    """The update that closes a tally, whether or not it counted anything; once closed, it stays as it is."""
    return {
        "Key": _key(job, number),
        "UpdateExpression": "SET closed_at = :now, expires_at = if_not_exists(expires_at, :expires_at) "
        "REMOVE news",
        "ConditionExpression": OPEN,
        "ExpressionAttributeValues": items.to_values(
            {":now": now, ":expires_at": items.epoch_s(job.expires_at)}
        ),
    }


def all_closed(job: items.Item, now: datetime) -> list[items.Item]:
    """What takes the place of all tallies of a job's round once the job is to be forgotten, by its item."""
    partition, round_ = job["PK"]["S"], int(job["round"]["N"])
    closed = items.to_values({"closed_at": now}) | {"expires_at": job["expires_at"]}
    return [
        {"PK": {"S": partition}, "SK": {"S": _sort_key(round_, number)}} | closed
        for number in range(spread.stored(items.from_item(job)).tallies)
    ]


def summed(job: Job, found: Iterable[Mapping[str, Any]]) -> Tallied | None:
    """What the tallies of the job's round hold in all; None when there are none yet.

    Raises StateUnreadableError for one of an unknown shape. Of a job of before its numbers were kept more may
    be closed than it has by those of this build.
    """
    try:
        return _summed(job, found)
    except (LookupError, TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise StateUnreadableError(job.job_id) from error


def _summed(job: Job, found: Iterable[Mapping[str, Any]]) -> Tallied | None:
    own = [items.from_item(item) for item in found if item["SK"]["S"].startswith(_round(job.round))]
    if not own:
        return None
    completed, failed, batches = (sum(int(tally.get(name, 0)) for tally in own) for name in COUNTS)
    closed = sum("closed_at" in tally for tally in own)
    noted = [int(tally[name]) for tally in own for name in ("counted_at", "closed_at") if name in tally]
    at = items.moment(max(noted))
    return Tallied(completed, failed, batches, at, closed > 0, closed >= spread.of(job).tallies)


def recorded_in(image: Mapping[str, Any]) -> list[Recorded[FileNews]]:
    """What a tally's image tells of files; nothing once it is closed."""
    values = items.from_item(image)
    round_, news = int(values["SK"].split("#")[1]), values.get("news", {})
    told: list[FileNews] = [ReadyFile(int(one), int(size)) for one, size in news.get("ready", {}).items()]
    told += [FailedFile(int(one), ErrorCode(code)) for one, code in news.get("failed", {}).items()]
    told += [RestoringFile(int(one), items.moment(at)) for one, at in news.get("restoring", {}).items()]
    return [Recorded(one, round_) for one in told]


def _news(files: Sequence[FileStanding]) -> dict[str, dict[str, object]]:
    ready = {str(one.file_id): one.stored.size for one in files if isinstance(one, PreparedFile)}
    failed = {str(one.file_id): one.error_code.value for one in files if isinstance(one, FailedFile)}
    restoring = {
        str(one.file_id): items.epoch_ms(one.ready_at) for one in files if isinstance(one, RestoringFile)
    }
    kinds: dict[str, Any] = {"ready": ready, "failed": failed, "restoring": restoring}
    return {kind: told for kind, told in kinds.items() if told}


def _key(job: Job, number: int) -> items.Item:
    return items.job_key(job.job_id, _sort_key(job.round, number))


def _sort_key(round_: int, number: int) -> str:
    return f"{_round(round_)}{number:02d}"


def _round(round_: int) -> str:
    return f"{PREFIX}{round_:04d}#"
