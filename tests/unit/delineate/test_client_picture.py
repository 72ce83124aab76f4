"""What a screen shows: bounded by the window, right in its numbers, harmless whatever it is told."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from delineate.cli.board import Board
from delineate.cli.picture import draw
from delineate.cli.plain import PlainLines
from delineate.contracts import Bundle, FileState, Progress
from delineate.download.report import Fate, Outcome, Report
from delineate.progress import JobState
from delineate.standing import FileStatus, JobStatus


def board(
    total: int, completed: int = 0, failed: int = 0, clock: Callable[[], float] = time.monotonic
) -> Board:
    state = JobState("j", progress=Progress(completed=completed, failed=failed, total=total))
    return Board(state, frozenset(range(total)), clock)


def shown(board: Board, width: int = 80, height: int = 24, closing: bool = False) -> str:
    console = Console(width=width, height=height, force_terminal=False, color_system=None)
    with console.capture() as capture:
        console.print(draw(board, width, height, closing))
    return capture.get()


def saved(file_id: int, size: int = 1_200_000) -> Outcome:
    return Outcome(file_id, Fate.SAVED, Path("out") / f"{file_id}.zip", size)


def test_a_small_job_has_a_row_for_each_file() -> None:
    picture = board(5, completed=3, failed=1)
    picture.started(1, "one.zip", 4_000_000)
    picture.moved(1, 0)
    picture.moved(1, 1_000_000)
    picture.ended(saved(0))
    picture.ended(Outcome.failed(2, "NOT_FOUND", "It is not there."))
    picture.state = JobState(
        "j", progress=picture.state.progress, files={3: FileState(file_id=3, status=FileStatus.COMPLETED)}
    )
    rows = [" ".join(line.split()) for line in shown(picture).splitlines()[4:]]
    assert rows[0] == "✓ 0.zip saved 1.2 MB"
    assert rows[1].endswith("1.0 MB of 4.0 MB")
    assert rows[2] == "✗ 2 failed It is not there. (NOT_FOUND)"
    assert rows[3] == "· 3 waiting for its turn"
    assert rows[4] == "· 4 in preparation"


def test_the_jobs_own_bars_count_files_and_bytes() -> None:
    picture = board(1000, completed=600, failed=7)
    picture.ended(saved(1))
    picture.started(2, "2.zip", 10)
    picture.moved(2, 300_000)
    text = shown(picture)
    assert "600 of 1,000 · 7 failed" in text
    assert "1 of 1,000 · 1.5 MB" in text
    assert "393 in preparation, 598 waiting for their turn" in text


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12), (20, 9), (200, 60)])
def test_a_big_job_never_outgrows_the_window(width: int, height: int) -> None:
    picture = board(1000, completed=900, failed=50)
    for file_id in range(50):
        picture.ended(Outcome.failed(file_id, "NOT_FOUND", "It is not there. " * 20))
    for file_id in range(50, 80):
        picture.started(file_id, "long-name" * 30, None)
    picture.note("A note that goes on and on. " * 20)
    lines = shown(picture, width, height).splitlines()
    assert len(lines) <= height
    assert all(len(line) <= width for line in lines)


def test_failures_are_left_to_the_ending_when_closing() -> None:
    picture = board(2, completed=1, failed=1)
    picture.ended(saved(0))
    picture.ended(Outcome.failed(1, "NOT_FOUND", "It is not there."))
    text = shown(picture, closing=True)
    assert "0.zip" in text
    assert "It is not there" not in text


def test_bytes_of_an_earlier_run_do_not_count_as_speed() -> None:
    now = [100.0]
    picture = board(1, clock=lambda: now[0])
    picture.started(0, "0.zip", 1000)
    picture.moved(0, 600)
    picture.moved(0, 800)
    now[0] += 2
    assert picture.rate() == 100
    assert picture.stored == 800


def test_time_left_goes_by_what_was_prepared_since_the_start() -> None:
    now = [100.0]
    picture = board(10, clock=lambda: now[0])
    assert picture.seconds_left() is None
    now[0] += 20
    picture.job(JobState("j", progress=Progress(completed=2, total=10)))
    assert picture.seconds_left() == 80
    assert "prepared in about 1 min 20 s" in shown(picture)


def watched(total: int, files: dict[int, FileState], bundle: Bundle | None = None) -> Board:
    failed = sum(file.status is FileStatus.FAILED for file in files.values())
    done = sum(file.status is FileStatus.COMPLETED for file in files.values())
    progress = Progress(completed=done, failed=failed, total=total)
    state = JobState("j", status=JobStatus.PROCESSING, progress=progress, files=files, bundle=bundle)
    return Board(state, frozenset(range(total)), bringing=False)


def test_a_job_that_is_only_watched_tells_where_each_file_stands() -> None:
    soon = datetime.now(UTC) + timedelta(minutes=5)
    files = {
        0: FileState(file_id=0, status=FileStatus.COMPLETED, size=1_200_000),
        1: FileState(file_id=1, status=FileStatus.FAILED, error="It is not there.", errorCode="NOT_FOUND"),
        2: FileState(file_id=2, status=FileStatus.PROCESSING, code="RESTORING", estimatedReadyAt=soon),
        3: FileState(file_id=3, status=FileStatus.PENDING),
    }
    text = shown(watched(4, files))
    rows = [" ".join(line.split()) for line in text.splitlines()[3:]]
    assert rows == [
        "✓ 0 ready 1.2 MB",
        "✗ 1 It is not there. (NOT_FOUND)",
        f"· 2 being restored from the archive, about {soon.astimezone():%H:%M}",
        "· 3 in preparation",
    ]
    assert f"prepared about {soon.astimezone():%H:%M}" in text
    assert "On disk" not in text
    assert "It is not there." not in shown(watched(4, files), closing=True)


def test_a_big_job_that_is_only_watched_fits_the_window() -> None:
    files = {n: FileState(file_id=n, status=FileStatus.FAILED, error="Gone.") for n in range(900)}
    picture = watched(1000, files, Bundle(status=FileStatus.PENDING))
    picture.started(-5, "job.zip", 10)
    picture.note("A note.")
    lines = shown(picture, 80, 12).splitlines()
    assert len(lines) <= 12
    assert "100 in preparation" in "".join(lines)
    assert "".join(lines).count("job.zip") == 1


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        (Bundle(status=FileStatus.PENDING, bytesTotal=4_000_000), "waits for the files"),
        (Bundle(status=FileStatus.PROCESSING, bytesDone=1_000_000, bytesTotal=4_000_000), "1.0 MB of 4.0 MB"),
        (Bundle(status=FileStatus.COMPLETED, bytesDone=4_000_000), "ready 4.0 MB"),
        (Bundle(status=FileStatus.FAILED, error="Too much.", errorCode="TOO_LARGE"), "Too much. (TOO_LARGE)"),
    ],
)
def test_the_archive_has_a_bar_of_its_own(bundle: Bundle, said: str) -> None:
    line = next(line for line in shown(watched(1, {}, bundle)).splitlines() if line.startswith("Archive"))
    assert said in " ".join(line.split())


def test_markup_in_a_name_is_only_text() -> None:
    picture = board(1)
    picture.started(0, "[red]0[/red].zip", None)
    assert "[red]0[/red].zip" in shown(picture)


def test_plain_lines_of_a_small_job(capsys: pytest.CaptureFixture[str]) -> None:
    lines = PlainLines()
    lines.job(JobState("j", progress=Progress(completed=1, failed=1, total=2, percentage=100)))
    lines.ended(saved(0))
    lines.ended(Outcome.failed(1, "NOT_FOUND", "It is not there."))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "Prepared 1 of 2 files, 1 failed.",
        f"{Path('out/0.zip')}: saved, 1.2 MB",
    ]


def test_plain_lines_of_a_big_job_come_by_the_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    lines = PlainLines()
    for done in range(1001):
        lines.job(JobState("j", progress=Progress(completed=done, total=1000, percentage=done / 10)))
    for file_id in range(1000):
        lines.ended(saved(file_id))
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 20
    assert (told[0], told[-1]) == ("Prepared 100 of 1,000 files.", "On disk 1,000 of 1,000 files.")


def test_a_report_counts_and_is_complete_only_when_all_is_there() -> None:
    report = Report("j", 2, JobStatus.COMPLETED, {1: saved(1)})
    assert not report.complete
    report.outcomes[0] = Outcome(0, Fate.PRESENT, Path("0.zip"), 5)
    assert report.complete
    document = report.document()
    assert (document["saved"], document["present"], document["bytes"]) == (1, 1, 1_200_005)
    assert [file["file_id"] for file in document["files"]] == [0, 1]  # type: ignore[attr-defined] # a document is typed as objects
