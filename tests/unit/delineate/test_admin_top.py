"""What `admin top` shows: plain about what is not well, and never larger than the window."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from rich.console import Console

from delineate.operator.agenda import Listed
from delineate.operator.health import complaints
from delineate.operator.items import Job, job_of
from delineate.operator.look import Look
from delineate.operator.queues import Depth
from delineate.operator.scene import Scene
from delineate.operator.tally import Rates
from delineate.operator.top import Wish, show
from delineate.operator.top_picture import draw
from tests.operator_fakes import NOW, STACK, FakeAws, job_item


def job(job_id: str = "a1", **changes: object) -> Job:
    return job_of(job_item(job_id, **changes))


def look(*jobs: Job, listed: int | None = None, **queues: Depth) -> Look:
    ids = tuple(str(place) for place in range(listed or len(jobs)))
    named = {name.replace("_", " "): depth for name, depth in queues.items()}
    return Look(NOW, Listed(ids), {one.job_id: one for one in jobs}, queues=named)


def lines(now: Look, rates: Rates | None = None) -> list[str]:
    return [one.line for one in complaints(STACK, now, rates, {})]


def test_letters_are_named_with_what_to_do() -> None:
    assert lines(look(parked=Depth(12))) == [
        f"12 letters parked: delineate admin redrive --stack {STACK}; what stays: look, then purge "
        "(docs/runbook.md, Letters in parked)"
    ]
    assert lines(look(undelivered=Depth(1))) == ["1 webhook undelivered: docs/runbook.md, A webhook fails"]
    assert "look for ERROR in publish_progress" in lines(look(stream_failures=Depth(1)))[0]


def test_jobs_that_the_sweeper_or_the_deadline_passed_by() -> None:
    long_ago = NOW - timedelta(minutes=4)
    assert "is sweep_jobs running?" in lines(look(job(check_at=long_ago)))[0]
    assert lines(look(job("b2", deadline_at=long_ago)))[0].endswith("delineate admin job b2")
    assert lines(look(job(sweeps=2))) == ["1 job without progress: delineate admin job a1"]
    assert lines(look(job(sweeps=1), job("c3", check_at=NOW - timedelta(minutes=1)))) == []


def test_what_is_grave_comes_first() -> None:
    told = complaints(STACK, look(parked=Depth(1), dead_letters=Depth(2)), None, {})
    assert [one.grave for one in told] == [True, False]


@pytest.mark.parametrize(("share", "files", "said"), [(0.2, 10, 1), (0.1, 10, 0), (0.9, 9, 0), (None, 0, 0)])
def test_many_failures_are_said_once_there_are_enough_files(
    share: float | None, files: int, said: int
) -> None:
    assert len(lines(look(), Rates(1, 1, share, files, 60))) == said


def drawn(scene: Scene, width: int = 100, height: int = 30) -> str:
    console = Console(width=width, height=height, color_system=None)
    with console.capture() as capture:
        console.print(draw(scene, width, height))
    return capture.get()


def test_a_screen_has_states_rates_queues_and_the_slowest() -> None:
    jobs = job("a1", owner="user:x"), job("b1", status="queued", completed=0, failed=0, created_at=NOW)
    scene = Scene(
        STACK,
        NOW,
        look(*jobs, normal=Depth(1, 2, 3), parked=Depth(4)),
        {"failed": 5},
        Rates(2, 3, 0.25, 8, 60),
    )
    text = drawn(scene)
    assert "1 queued  1 processing" in text
    assert "0 completed  5 failed" in text
    assert "2.0 files/s  3.0 jobs ended/min  25.0% of files failed" in text
    assert " ".join(text.split()).count("normal 1 waiting 2 in flight 3 delayed") == 1
    assert "4 parked" in text
    rows = [line for line in text.splitlines() if line.startswith(("a1", "b1"))]
    assert [row[:2] for row in rows] == ["a1", "b1"]
    assert "5/10 1 failed" in rows[0]
    assert job("a1", owner="user:x").who in rows[0]


def test_more_jobs_than_are_read_are_said() -> None:
    assert "3 more not looked at" in drawn(Scene(STACK, NOW, look(job(), listed=4)))


def test_all_well_is_said_too() -> None:
    assert "All is well." in drawn(Scene(STACK, NOW, look(normal=Depth()), rates=Rates(1, 1, 0, 20, 60)))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (60, 20), (200, 50)])
def test_it_never_outgrows_the_window(width: int, height: int) -> None:
    jobs = [job(f"{place:036}", total=10_000, completed=5_000, failed=4_999) for place in range(200)]
    queues = {name: Depth(10**6, 10**6, 10**6) for name in ("high", "normal", "notices", "parked")}
    now = look(*jobs, **queues)
    found = tuple(complaints(STACK, now, None, {})) * 5
    rows = drawn(Scene(STACK, NOW, now, complaints=found), width, height).splitlines()
    assert len(rows) <= height
    assert all(len(row) <= width for row in rows)


def test_an_id_can_be_copied_from_any_usual_window() -> None:
    scene = Scene(STACK, NOW, look(job(f"{7:036}", created_at=NOW - timedelta(seconds=3580), failed=5)))
    assert f"{7:036}  59 min 40 s" in drawn(scene, 80, 24)


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    aws = FakeAws()
    aws.put(job_item("a1"))
    aws.depths["https://sqs/dead"] = (1, 2, 3)
    waits: list[float] = []
    show(Wish(STACK, every=3, as_json=True), aws, wait=waits.append)
    shown = capsys.readouterr()
    told = json.loads(shown.out)
    assert (waits, shown.err) == ([3], "Looking twice, 3 s apart.\n")
    assert told["queues"]["deadLetters"] == {"waiting": 1, "inFlight": 2, "delayed": 3}
    assert (told["jobs"]["processing"], told["rates"]["files"]) == (1, 0)
    assert "jobs that had ended by" in told["notJudged"][0]
    assert told["slowest"][0]["ageSeconds"] > 0


def once(aws: FakeAws, wait: Callable[[float], None] = lambda _: None, width: int = 120) -> str:
    """What `top` writes into a pipe."""
    console = Console(width=width, color_system=None, force_terminal=False)
    with console.capture() as capture:
        show(Wish(STACK), aws, console, wait)
    return capture.get()


def test_without_a_terminal_it_is_one_table_of_two_looks_and_the_end() -> None:
    waits: list[float] = []
    text = once(FakeAws(), waits.append)
    assert (text.count("No job is open."), waits) == (1, [2.0])
    assert "· No fault seen in " in text
    assert "Not judged: jobs that had ended by" in text


def test_what_fails_between_the_two_looks_is_counted() -> None:
    aws = FakeAws()
    aws.put(job_item("a1", total=20, completed=0, failed=0))
    gone = job_item("a1", status="completed", total=20, completed=1, failed=19, completed_at=NOW)
    text = once(aws, lambda _: aws.put(gone, listed=False))
    assert "95% of the last 20 files failed" in text
    assert "1 completed" in text


def test_a_job_that_nothing_begins_with_is_said_at_the_second_look() -> None:
    aws = FakeAws()
    aws.put(job_item("a1", priority="high", status="queued", completed=0, failed=0, started_at=None))
    aws.depths["https://sqs/high"] = (3, 0, 0)
    assert "✗ 3 files wait in high, none is in flight, and job a1 has waited" in once(aws)


def test_a_lane_that_may_stand_still_is_not_called_well() -> None:
    aws = FakeAws()
    aws.depths["https://sqs/high"] = (3, 0, 0)
    told = " ".join(once(aws).split())
    assert "whether anything prepares the 3 files waiting in high, which takes 30 s" in told
    assert "All is well" not in told


def test_notices_that_stay_in_flight_are_said() -> None:
    aws = FakeAws()
    aws.depths["https://sqs/notices"] = (0, 3, 0)
    assert "! 3 webhooks being sent or to be tried again" in once(aws)
    assert "webhook" not in once(aws, lambda _: aws.depths.clear())


def test_what_was_not_read_is_not_shown_as_zero() -> None:
    aws = FakeAws()
    aws.calls.refused |= {"Query": "Unreachable", "GetQueueAttributes": "Unreachable"}
    text = once(aws, lambda _: pytest.fail("a second look for nothing"))
    rows = {row.split()[0]: " ".join(row.split()[1:]) for row in text.splitlines() if row.strip()}
    assert {rows[name] for name in ("Open", "Ended", "Rates", "Queues")} == {"? not known"}
    assert "No job is open." not in text


def test_a_reason_is_wrapped_and_not_cut_off() -> None:
    aws = FakeAws()
    aws.calls.refused["Query"] = "AnErrorOfManyWords"
    assert "(AnErrorOfManyWords) when calling the Query operation: Not now." in " ".join(
        once(aws, width=60).split()
    )


def test_on_a_terminal_it_goes_on_until_it_is_stopped() -> None:
    aws, waits = FakeAws(), []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        aws.calls.refused["Query"] = "ThrottlingException"
        if len(waits) == 3:
            raise KeyboardInterrupt

    console = Console(width=120, height=40, force_terminal=True, color_system=None)
    with console.capture() as capture, pytest.raises(KeyboardInterrupt):
        show(Wish(STACK, every=0.5), aws, console, wait)
    assert waits == [0.5, 0.5, 0.5]
    assert "ThrottlingException" in capture.get()
