"""Draws the README's pictures of `admin top` and `admin job` anew, from seeded data: `make pictures`."""

import io
import random
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.console import Console, RenderableType

from delineate.operator import job_picture, top_picture
from delineate.operator.cloud import find
from delineate.operator.fold import folded
from delineate.operator.look import Observer
from delineate.operator.scene import Scene, Watcher
from delineate.operator.story import Question, Story, told
from delineate.operator.summary import summed_up
from tests.operator_fakes import NOW, STACK, FakeAws, Item, job_item, ms

WIDTH = 108
LOOKS, EVERY = 20, timedelta(seconds=2)
# total, results at the first look and new ones at each, share that fails, age in seconds, owner
JOBS = [
    (1000, 610, 9, 0.01, 214, "ada"), (1000, 40, 11, 0.0, 96, "ada"), (400, 300, 2, 0.3, 71, "grace"),
    (250, 20, 5, 0.02, 48, "edsger"), (60, 10, 1, 0.0, 30, "barbara"), (40, 30, 1, 0.0, 12, "grace"),
    (24, 2, 2, 0.1, 9, "alan"), (12, 0, 0, 0.0, 4, "barbara"),
]  # fmt: skip
DICE = random.Random(7)  # noqa: S311 # a picture


def main(folder: Path) -> None:
    """Write both pictures."""
    _draw(folder / "admin-top.svg", "delineate admin top", top_picture.draw(_scene(), WIDTH, 30))
    story = _story()
    picture = job_picture.draw(story, summed_up(story), folded(story.events))
    _draw(folder / "admin-job.svg", "delineate admin job", picture)


def _draw(path: Path, title: str, picture: RenderableType) -> None:
    paper = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    paper.print(picture)
    # The id would else change with every run.
    paper.save_svg(str(path), title=title, unique_id=path.stem)


def _ids(number: int) -> list[str]:
    return [str(UUID(int=DICE.getrandbits(128), version=4)) for _ in range(number)]


def _scene() -> Scene:
    aws, moments = FakeAws(), [NOW + EVERY * look for look in range(LOOKS)]
    clock = iter(moments)
    aws.depths |= {"https://sqs/normal": (118, 50, 902), "https://sqs/high": (0, 8, 2)}
    aws.depths |= {"https://sqs/parked": (12, 0, 0)}
    ids = _ids(len(JOBS))
    watcher = Watcher(STACK, Observer(find(STACK, aws), aws, lambda: next(clock)))
    scenes = []
    for look, at in enumerate(moments):
        for job_id, seed in zip(ids, JOBS, strict=True):
            _put(aws, job_id, seed, look, at)
        scenes.append(watcher.next())
    return scenes[-1]


def _put(aws: FakeAws, job_id: str, seed: Any, look: int, at: datetime) -> None:
    total, done, step, share, age, owner = seed
    done = min(total, done + look * step)
    failed, ended = round(done * share), done == total
    counts = {"total": total, "completed": done - failed, "failed": failed, "owner": f"user:{owner}"}
    started = done or look
    status = "completed" if ended else "processing" if started else "queued"
    created = NOW - timedelta(seconds=age)
    times = {
        "created_at": created,
        "check_at": at + timedelta(minutes=2),
        "completed_at": at if ended else None,
    }
    aws.put(job_item(job_id, status=status, **counts, **times), listed=not ended)


def _story() -> Story:
    job_id = _ids(1)[0]
    start = NOW - timedelta(minutes=14)

    def after(seconds: float) -> datetime:
        return start + timedelta(seconds=seconds)

    def line(message: str, seconds: float, **fields: object) -> Item:
        stamp = after(seconds).isoformat()
        return {"level": "INFO", "message": message, "timestamp": stamp, "jobId": job_id, **fields}

    def ready(file_id: int, seconds: float) -> Item:
        fields = {"size": {"N": str(1_000 * file_id)}, "at": ms(after(seconds)), "round": {"N": "1"}}
        return {"PK": {"S": f"JOB#{job_id}#0"}, "SK": {"S": f"FILE#{file_id:09}"}, **fields}

    def failed(file_id: int, code: str) -> Item:
        fields = {"error_code": {"S": code}, "round": {"N": "1"}}
        return {"PK": {"S": f"JOB#{job_id}#0"}, "SK": {"S": f"FILE#{file_id:09}"}, **fields}

    def attempt(number: int, seconds: float, outcome: str, **fields: Any) -> Item:
        key = {
            "PK": {"S": f"DELIVERY#{job_id}"},
            "SK": {"S": f"{9:09}#{number:03}"},
            "at": ms(after(seconds)),
        }
        return key | {"outcome": {"S": outcome}, "duration_ms": {"N": "84"}, **fields}

    counts = {"status": "completed", "total": 300, "completed": 298, "failed": 2, "owner": "user:grace"}
    times = {"created_at": start, "started_at": after(2.1), "completed_at": after(291.4), "check_at": None}
    files = [ready(70_000 + place, 2.4 + place / 7) for place in range(298)]
    notices = [
        attempt(1, 291.9, "failed", status={"N": "503"}, failure={"S": "STATUS"}, next_at=ms(after(297))),
        attempt(2, 297.2, "delivered", status={"N": "204"}),
    ]
    gone = [failed(70_900, "NOT_FOUND"), failed(70_901, "ATTEMPTS_EXHAUSTED")]
    aws = FakeAws([job_item(job_id, **counts, **times), *files, *gone, *notices])
    asked = {"method": "POST", "endpoint": "/v1/download/initiate", "status": 202, "durationMs": 41}
    aws.lines["/logs/initiate-1"] = [line("request", 0.04, **asked)]
    aws.lines["/logs/process-1"] = [
        line("file", 6.2, fileId=70_900, attempt=1, outcome="failed", code="NOT_FOUND"),
        line("file", 11.8, fileId=70_901, attempt=1, outcome="again", code="TIMEOUT"),
        line("file", 15.1, fileId=70_901, attempt=2, outcome="again", code="TIMEOUT"),
        line("fault", 31.0, level="WARNING", exception="ReadTimeoutError: the store did not answer in 5 s"),
        line("file", 31.1, fileId=70_901, attempt=3, outcome="again", code="TIMEOUT"),
        line("file", 95.7, fileId=70_901, attempt=4, outcome="again", code="TIMEOUT"),
        line("file", 291.4, fileId=70_901, attempt=5, outcome="given_up", code="ATTEMPTS_EXHAUSTED"),
    ]
    aws.lines["/logs/sweep-1"] = [line("looked at", 188.3, repair="seen")]
    aws.page = 1000
    return told(Question(STACK, job_id), aws, lambda: NOW)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
