"""Draws the README's picture of `delineate watch` anew: `make pictures`."""

import io
import sys
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from delineate.cli.board import Board
from delineate.cli.picture import draw
from delineate.contracts import Bundle, FileState, Progress
from delineate.progress import JobState
from delineate.standing import FileStatus, JobStatus

WIDTH, HEIGHT = 92, 30
ELAPSED_SECONDS = 41
READY = {70000: 4_212, 70007: 65_652, 70014: 262_293, 70021: 48_600_000, 70028: 1_048_999, 70035: 730_500_000}
WHY = {"error": "There is no file with this id in the store.", "errorCode": "NOT_FOUND"}
RESTORED_AT = datetime(2027, 1, 4, 16, 40, tzinfo=UTC)


def main(folder: Path) -> None:
    """Write the picture."""
    paper = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    paper.print(draw(_board(), WIDTH, HEIGHT))
    paper.save_svg(str(folder / "watch.svg"), title="delineate watch 8ae45b3f", unique_id="watch")


def _board() -> Board:
    ready = [FileState(file_id=i, status=FileStatus.COMPLETED, size=size) for i, size in READY.items()]
    waits = {"code": "RESTORING", "estimatedReadyAt": RESTORED_AT}
    others = [
        FileState(file_id=70042, status=FileStatus.PROCESSING, **waits),
        FileState(file_id=70049, status=FileStatus.PENDING),
        FileState(file_id=70056, status=FileStatus.PENDING),
        FileState(file_id=70084, status=FileStatus.FAILED, **WHY),
    ]
    files = {file.file_id: file for file in [*ready, *others]}
    counts = Progress(completed=len(READY), failed=1, total=len(files))
    bundle = Bundle(status=FileStatus.PENDING, bytesTotal=sum(READY.values()))
    now = [0.0]
    new = JobState.new("8ae45b3f", len(files))
    board = Board(new, frozenset(files), clock=lambda: now[0], bringing=False)
    now[0] = ELAPSED_SECONDS
    board.job(JobState("8ae45b3f", 9, 1, JobStatus.PROCESSING, counts, files, bundle=bundle))
    return board


if __name__ == "__main__":
    main(Path(sys.argv[1]))
