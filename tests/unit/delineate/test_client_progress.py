"""The rules by which a client holds a job: whatever comes, in whatever order, the end is right."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delineate.contracts import FileState, Frame, JobReply, Progress
from delineate.progress import JobState, merge, merge_all, reopened
from delineate.standing import FileStatus, JobStatus

JOB = "5f0c9a52-6d39-4a4e-9d0e-7b1d2f1b2c3d"


def result(file_id: int, failed: bool = False) -> FileState:
    if failed:
        return FileState(file_id=file_id, status=FileStatus.FAILED, error="gone", errorCode="NOT_FOUND")
    return FileState(file_id=file_id, status=FileStatus.COMPLETED, size=file_id)


def is_failed(file: FileState) -> bool:
    return file.status is FileStatus.FAILED


class History:
    """A job as it truly went: version 1 is empty, each step after it adds results.

    With `again`, what failed is tried once more: a retry is a step of its own, and so is its outcome.
    """

    def __init__(self, steps: list[list[FileState]], again: list[FileState] | None = None) -> None:
        self.steps = [*steps, [], again] if again else steps
        self.retried_at = len(steps) + 2 if again else len(steps) + 99
        self.ends = {len(steps) + 1, len(self.steps) + 1}
        self.last = len(self.steps) + 1
        self.total = sum(map(len, steps))

    def files(self, version: int, since: int = 1) -> list[FileState]:
        """The results that stand at `version`, of those that came after `since`."""
        told: dict[int, FileState] = {}
        for at, step in enumerate(self.steps[: version - 1], start=2):
            for file in step if at > since else []:
                if not is_failed(file) or at >= self.retried_at or version < self.retried_at:
                    told[file.file_id] = file
        return list(told.values())

    def _about(self, version: int) -> dict[str, object]:
        known = self.files(version)
        failed = sum(map(is_failed, known))
        return {
            "jobId": JOB,
            "version": version,
            "round": 2 if version >= self.retried_at else 1,
            "status": JobStatus.COMPLETED if version in self.ends else JobStatus.PROCESSING,
            "progress": Progress(completed=len(known) - failed, failed=failed, total=self.total),
        }

    def change(self, since: int, version: int) -> Frame:
        return Frame(type="change", since=since, files=self.files(version, since), **self._about(version))

    def snapshot(self, version: int, parts: int = 1) -> list[Frame]:
        known = self.files(version)
        return [
            Frame(type="snapshot", files=known[n::parts], part=n + 1, parts=parts, **self._about(version))
            for n in range(parts)
        ]

    def truth(self, version: int | None = None) -> dict[int, FileState]:
        return {file.file_id: file for file in self.files(version or self.last)}

    def end_of_round(self, version: int) -> int:
        return self.last if version >= self.retried_at else min(self.last, self.retried_at - 1)


@st.composite
def histories(draw: st.DrawFn) -> History:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=8))
    ids = iter(range(70_000, 80_000))
    steps = [[result(next(ids), draw(st.booleans())) for _ in range(size)] for size in sizes]
    failed = [file.file_id for step in steps for file in step if is_failed(file)]
    return History(
        steps, [result(id_, draw(st.booleans())) for id_ in failed] if draw(st.booleans()) else None
    )


@st.composite
def broadcasts(draw: st.DrawFn) -> tuple[History, list[Frame], list[Frame]]:
    """A history, frames of it in any order, lost and repeated, and the parts of its last snapshot."""
    history = draw(histories())
    sent: list[Frame] = []
    for _ in range(draw(st.integers(0, 12))):
        version = draw(st.integers(1, history.last))
        if draw(st.booleans()):
            sent += history.snapshot(version, draw(st.integers(1, 3)))
        elif version > 1:
            sent.append(history.change(draw(st.integers(1, version - 1)), version))
    heard = draw(st.lists(st.sampled_from(sent), max_size=30)) if sent else []
    return history, heard, draw(st.permutations(history.snapshot(history.last, draw(st.integers(1, 3)))))


@given(broadcasts())
def test_any_order_with_losses_and_repetitions_ends_right_after_a_snapshot(
    told: tuple[History, list[Frame], list[Frame]],
) -> None:
    history, heard, last = told
    held = merge_all(JobState.new(JOB, 3), [*heard, *last])
    assert held.settled
    assert held.results == history.truth()
    assert (held.version, held.status) == (history.last, JobStatus.COMPLETED)
    assert held.progress == last[0].progress


def completed(held: JobState) -> dict[int, FileState]:
    return {file.file_id: file for file in held.having(FileStatus.COMPLETED)}


@given(broadcasts())
def test_what_is_held_is_never_wrong_and_never_goes_back(
    told: tuple[History, list[Frame], list[Frame]],
) -> None:
    history, heard, _ = told
    held = JobState.new(JOB, 3)
    for frame in heard:
        before, held = held, merge(held, frame)
        assert held.version >= before.version
        assert held.round >= before.round
        kept = completed(before) if held.round > before.round else before.results
        assert kept.items() <= held.results.items()
        assert held.results.items() <= history.truth(history.end_of_round(held.version)).items()
        assert not held.settled or held.results == history.truth(held.version)


def test_a_retry_makes_what_failed_pending_again_and_late_frames_of_the_old_round_change_nothing() -> None:
    history = History([[result(1), result(2, failed=True)]], again=[result(2)])
    ended = merge_all(JobState.new(JOB, 2), history.snapshot(2))
    assert ended.settled
    retried = merge(ended, history.change(2, 3))
    assert (retried.status, list(retried.results), retried.settled) == (JobStatus.PROCESSING, [1], False)
    late = merge_all(retried, history.snapshot(2))
    assert (late.version, list(late.results)) == (3, [1])
    assert merge(late, history.change(3, 4)).results == history.truth()


@given(histories())
def test_changes_in_order_need_no_snapshot_but_the_first(history: History) -> None:
    held = merge_all(JobState.new(JOB, 3), history.snapshot(1))
    for version in range(2, history.last + 1):
        held = merge(held, history.change(version - 1, version))
        assert not held.missed
    assert held.settled
    assert held.results == history.truth()


@given(histories(), st.randoms(use_true_random=False))
def test_a_lost_change_is_noticed(history: History, chance: random.Random) -> None:
    changes = [history.change(version - 1, version) for version in range(2, history.last + 1)]
    lost = chance.randrange(len(changes))
    last_lost = lost == len(changes) - 1
    changes.pop(lost)
    held = merge_all(JobState.new(JOB, 3), [*history.snapshot(1), *changes])
    assert held.missed is not last_lost
    assert (held.version < history.last) is last_lost
    # A retry makes up for what was lost before it.
    assert not held.settled or (held.round == 2 and held.results == history.truth())


def test_a_change_before_the_snapshot_is_a_gap_that_the_snapshot_closes() -> None:
    history = History([[result(1)], [result(2)], [result(3)]])
    early = merge(JobState.new(JOB, 3), history.change(2, 3))
    assert early.missed
    assert list(early.results) == [2]
    assert not merge_all(early, history.snapshot(3)).missed


def test_an_old_snapshot_does_not_close_a_newer_gap_but_its_results_count() -> None:
    history = History([[result(1)], [result(2)], [result(3)]])
    gap = merge_all(JobState.new(JOB, 3), [*history.snapshot(1), history.change(3, 4)])
    late = merge_all(gap, history.snapshot(2))
    assert late.missed
    assert (late.version, sorted(late.results)) == (4, [1, 3])


def test_an_ended_job_with_fewer_results_than_its_counters_tell_is_not_settled() -> None:
    history = History([[result(1), result(2)]])
    first, second = history.snapshot(2, parts=2)
    half = merge(JobState.new(JOB, 2), first)
    assert half.status.ended
    assert not half.settled
    assert merge(half, second).settled


def test_a_result_is_final() -> None:
    held = merge_all(JobState.new(JOB, 1), History([[result(1)]]).snapshot(2))
    undone = FileState(file_id=1, status=FileStatus.PROCESSING)
    told = Frame(
        type="change", jobId=JOB, version=9, since=2, status="processing", progress={}, files=[undone]
    )
    assert merge(held, told).files[1] == result(1)


def test_the_first_result_of_a_file_is_the_one_that_counts() -> None:
    held = merge_all(JobState.new(JOB, 1), History([[result(1)]]).snapshot(2))
    assert merge_all(held, History([[result(1, failed=True)]]).snapshot(2)).files[1] == result(1)


def test_an_account_of_the_version_held_is_applied() -> None:
    told = Frame(type="snapshot", jobId=JOB, version=0, status="processing", progress={"total": 7})
    held = merge(JobState.new(JOB, 3), told)
    assert (held.status, held.progress.total) == (JobStatus.PROCESSING, 7)


def test_an_ended_job_stays_ended() -> None:
    held = merge_all(JobState.new(JOB, 1), History([[result(1)]]).snapshot(2))
    told = Frame(type="change", jobId=JOB, version=9, since=2, status="processing", progress={})
    assert merge(held, told).status is JobStatus.COMPLETED


def test_a_file_under_way_is_shown_until_it_has_a_result() -> None:
    under_way = FileState(file_id=1, status=FileStatus.PROCESSING)
    reply = JobReply(jobId=JOB, version=1, status="processing", progress={"total": 1}, files=[under_way])
    held = merge(JobState.new(JOB, 1), reply)
    assert held.having(FileStatus.PROCESSING) == [under_way]
    assert held.results == {}


def test_another_jobs_frames_are_not_for_us() -> None:
    held = JobState.new("another", 1)
    assert merge(held, History([[result(1)]]).change(1, 2)) is held


@pytest.mark.parametrize("status", ["restoring", "queued-again"])
def test_a_status_of_a_newer_service_counts_as_work_in_progress(status: str) -> None:
    told = Frame(
        type="snapshot",
        jobId=JOB,
        status=status,
        progress={"total": 1, "novel": 2},
        files=[{"file_id": 1, "status": status}],
    )
    held = merge(JobState.new(JOB, 1), told)
    assert not held.status.ended
    assert not held.results


def test_an_account_of_an_older_round_does_not_end_the_new_one() -> None:
    history = History([[result(1), result(2, failed=True)]])
    ended = merge_all(JobState.new(JOB, 2), history.snapshot(2))
    assert ended.settled
    again = reopened(ended, 2)
    assert (again.status, again.progress.completed, again.progress.failed) == (JobStatus.PROCESSING, 1, 0)
    assert (again.progress.percentage, again.progress.total) == (50, 2)
    late = merge_all(again, history.snapshot(2))
    assert (late.status, late.progress) == (again.status, again.progress)
    assert list(late.results) == [1]
