"""What the end-to-end bench judges by: its quantiles, what a watcher notes, its audits, its goals."""

from dataclasses import replace

import pytest

from tests.bench.end_to_end import figures, watch
from tests.bench.end_to_end.measured import Audit, Frame, Measured, Started, Watched
from tests.bench.end_to_end.overhead import Queued
from tests.bench.end_to_end.quantiles import Spread, busiest_second, most_at_once, spread
from tests.bench.end_to_end.size import Size, size
from tests.bench.end_to_end.verdict import judge
from tests.bench.peers.redis_jobs import RedisJobs
from tests.chaos.evidence import FileRow, JobRow, Rows

JOB, IDS = "job", frozenset({1, 2})
NEW, END = JobRow("queued", 2, 0, 0, 1, 1), JobRow("completed", 2, 2, 0, 2, 1)
READY = FileRow(None, 1)
STARTED = Started(JOB, IDS, at=100.0, seconds=0.5)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], None),
        ([7.0], Spread(7.0, 7.0, 7.0, 1)),
        (range(100, 0, -1), Spread(50, 95, 99, 100)),
        ([1.0] * 98 + [9.0] * 2, Spread(1.0, 1.0, 9.0, 100)),
    ],
)
def test_a_quantile_is_a_measured_time_that_so_many_do_not_exceed(seconds, expected):
    assert spread(seconds) == expected


@pytest.mark.parametrize(
    ("moments", "most"),
    [([], 0), ([5.0], 1), ([0.0, 0.5, 1.0, 1.4], 3), ([0.9, 1.1, 1.8, 9.0], 3), ([3.0, 2.0, 1.0], 1)],
)
def test_the_busiest_second_begins_anywhere(moments, most):
    assert busiest_second(moments) == most


def test_what_begins_as_another_ends_is_not_open_with_it():
    assert most_at_once([(0, 2), (2, 3), (2.5, 4)]) == 2
    assert most_at_once([]) == 0


def a_frame(kind: str, *file_ids: int, status: str = "processing") -> dict[str, object]:
    files = [{"file_id": file_id, "status": "completed"} for file_id in file_ids]
    return {"type": kind, "status": status, "progress": {"total": 2}, "files": files}


def test_a_watcher_has_seen_all_once_it_knows_the_end_and_every_file():
    known: set[int] = set()
    seen = Watched(JOB)
    watch.note(a_frame("snapshot", 1), 1.0, known, seen)
    watch.note(a_frame("change", 1, status="completed"), 2.0, known, seen)
    assert not seen.whole
    watch.note(a_frame("change", 2, status="completed"), 3.0, known, seen)
    assert seen.whole
    assert [frame.news for frame in seen.frames] == [frozenset(), frozenset(), {2}]


def measured(**changes: object) -> Measured:
    frames = [Frame(101.0, frozenset()), Frame(103.5, frozenset({1, 2}))]
    watched = [Watched(JOB, frames, whole=True)]
    run = Measured("one", [STARTED], {JOB: {1: 102.0, 2: 103.0}}, watched, Audit(2, 2, 0, 0), {"noop": [0.1]})
    return replace(run, **changes)  # type: ignore[arg-type] # changes fit Measured's fields


def test_times_go_from_the_request_and_from_the_result():
    run = measured()
    assert run.first_result == Spread(2.0, 2.0, 2.0, 1)
    assert run.to_frame == Spread(0.5, 1.5, 1.5, 2)
    assert (run.seconds, run.open_at_once, run.busiest, run.frames_a_job) == (3.0, 1, 1, 2)


def rows(*history: JobRow, files: dict[int, list[FileRow]]) -> Rows:
    found = Rows()
    found.jobs[JOB] = list(history)
    found.ids[JOB] = [IDS]
    found.files[JOB].update(files)
    return found


def judged(*history: JobRow, files: dict[int, list[FileRow]]) -> Audit:
    newest = {file_id: images[-1:] for file_id, images in files.items()}
    return judge([STARTED], rows(history[-1], files=newest), rows(*history, files=files), IDS)


def test_the_audit_of_a_good_run_finds_nothing():
    assert judged(NEW, END, files={1: [READY], 2: [READY]}) == Audit(2, 2, 0, 0)


def test_a_file_without_a_result_is_lost():
    assert judged(NEW, END, files={1: [READY]}).lost > 0
    assert judged(NEW, files={}).lost == 2


def test_what_is_recorded_or_counted_again_is_double():
    assert judged(NEW, END, files={1: [READY, READY], 2: [READY]}).double == 1
    assert judged(NEW, replace(END, completed=3), files={1: [READY], 2: [READY]}).double == 1


class OneJob:
    """Redis as far as RedisJobs asks it: a pipeline that answers for one job."""

    def __init__(self, counts: list[str], files: dict[str, str]) -> None:
        self._counts, self._files = counts, files

    def pipeline(self, transaction: bool) -> "OneJob":
        return OneJob(self._counts, self._files)

    def hmget(self, key: str, names: object) -> None:
        self._answer: object = self._counts

    def hgetall(self, key: str) -> None:
        self._answer = self._files

    def execute(self) -> list[object]:
        return [self._answer]


TOLD = '{"status": "completed", "at": 102000}'


@pytest.mark.parametrize(
    ("counts", "files", "expected"),
    [
        (["2", "2", "0"], {"1": TOLD, "2": TOLD}, Audit(2, 2, 0, 0)),
        (["2", "1", "0"], {"1": TOLD}, Audit(2, 1, 1, 0)),
        (["2", "3", "0"], {"1": TOLD, "2": TOLD}, Audit(2, 2, 0, 1)),
    ],
)
def test_a_peer_is_audited_by_its_counts_and_results(counts, files, expected):
    assert RedisJobs(OneJob(counts, files)).audit([STARTED]) == expected


def found(many: Measured) -> figures.Found:
    peer = measured(name="peer", hops={})
    return figures.Found(
        Size(jobs=1, files_a_job=2), {}, Queued(None, 1.0), many, measured(), peer, peer, peer
    )


@pytest.mark.parametrize(
    ("many", "missed"),
    [
        (measured(), set()),
        (measured(audit=Audit(2, 1, 1, 0)), {"files lost"}),
        (measured(audit=Audit(2, 2, 0, 1)), {"files double"}),
        (measured(started=[]), {"jobs accepted"}),
        (measured(watched=[Watched(JOB)]), {"connections that missed a file or the end"}),
        (
            measured(watched=[Watched(JOB, [Frame(1.0, frozenset())] * 11, whole=True)]),
            {"frames in any connection's busiest second"},
        ),
        (
            measured(started=[replace(STARTED, seconds=0.61)]),
            {"initiate's p99, to always-on's p99 and one emulator hop's p99 together"},
        ),
    ],
)
def test_each_goal_can_be_missed(many, missed):
    report = figures.report(found(many))
    assert {goal.name for goal in report.goals if not goal.held} == missed


@pytest.mark.parametrize("text", ["0", "2", "-1", "nan", "abc", ""])
def test_a_scale_that_is_none_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("BENCH_SCALE", text)
    with pytest.raises(ValueError, match="BENCH_SCALE is"):
        size()


@pytest.mark.parametrize(("scale", "trial"), [("0.02", True), ("0.9", True), ("1", False)])
def test_a_small_run_is_a_trial(monkeypatch: pytest.MonkeyPatch, scale: str, trial: bool) -> None:
    monkeypatch.setenv("BENCH_SCALE", scale)
    assert size().trial is trial
