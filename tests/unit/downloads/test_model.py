"""States, counters and what may follow what."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from downloads.errors import RefusedFilesError
from downloads.file import REASONS, ErrorCode
from downloads.limits import Limits
from downloads.model import JobStatus, OnError
from downloads.tallied import Tallied
from tests.conftest import NOW, a_job, failed, ready


@pytest.mark.parametrize("status", JobStatus)
def test_terminal_statuses(status: JobStatus) -> None:
    assert status.terminal == (status in {"completed", "failed", "cancelled"})


def test_every_error_code_has_words() -> None:
    assert set(REASONS) == set(ErrorCode)


def test_only_a_queued_job_begins() -> None:
    begun = a_job().begun(NOW)
    assert (begun.status, begun.started_at, begun.version) == (JobStatus.PROCESSING, NOW, 2)
    assert begun.begun(NOW) is begun


@given(outcomes=st.lists(st.booleans(), min_size=1, max_size=40), cut=st.integers(0, 40))
def test_counting_ends_with_the_last_file_and_not_before(outcomes: list[bool], cut: int) -> None:
    results = [ready(10_000 + n) if good else failed(10_000 + n) for n, good in enumerate(outcomes)]
    first, rest = results[:cut], results[cut:]
    job = a_job(total=len(results))
    if first and rest:
        job = job.counted(first, NOW)
        assert job.status is JobStatus.PROCESSING
        assert job.percentage < 100
    job = job.counted(rest or first, NOW)
    assert job.remaining == 0
    assert job.percentage == 100
    assert job.status is (JobStatus.COMPLETED if any(outcomes) else JobStatus.FAILED)
    assert job.completed_at == NOW


@given(
    batches=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=6),
    settles=st.lists(st.booleans(), min_size=6, max_size=6),
    on_error=st.sampled_from(OnError),
    closed=st.booleans(),
)
def test_whoever_adds_up_gets_the_same_job(
    batches: list[tuple[int, int]], settles: list[bool], on_error: OnError, closed: bool
) -> None:
    """Written down on the way or not, the end is the same, version and all."""
    total = sum(map(sum, batches)) + 1
    stepwise = job = a_job(total=total, on_error=on_error).begun(NOW)
    tallied = Tallied(0, 0, 0, NOW)
    for (completed, failures), settle in zip(batches, settles, strict=False):
        tallied = Tallied(tallied.completed + completed, tallied.failed + failures, tallied.batches + 1, NOW)
        stepwise = stepwise.settled(tallied) if settle else stepwise
    tallied = replace(tallied, closing=closed, closed=closed)
    after = job.settled(tallied)
    assert stepwise.settled(tallied) == after == after.settled(tallied)
    assert after.version == job.version + tallied.batches + closed
    assert after.gives_up == (on_error is OnError.FAIL_FAST and tallied.failed > 0 and not closed)
    if closed:
        gave_up = on_error is OnError.FAIL_FAST and tallied.failed
        assert after.status is (JobStatus.FAILED if gave_up else JobStatus.CANCELLED)


def test_a_round_is_counted_from_what_earlier_ones_kept() -> None:
    ended = a_job(total=3).counted([ready(70000), failed(70007), failed(70014)], NOW)
    again = ended.reopened(NOW, NOW, NOW)
    assert again.settled(Tallied(1, 1, 1, NOW)) == again.counted([ready(70007), failed(70014)], NOW)
    assert again.counted([ready(70007), failed(70014)], NOW).completed == 2


def test_a_tally_that_is_gone_takes_nothing_back() -> None:
    job = a_job().counted([ready(70000)], NOW).counted([failed(70007)], NOW)
    assert job.settled(Tallied(1, 0, 1, NOW)) == job


def test_percentage_is_rounded_down() -> None:
    assert a_job(total=1000, completed=998, failed=1).percentage == 99


def test_cancelled_keeps_the_counters() -> None:
    job = a_job(completed=1).cancelled(NOW)
    assert (job.status, job.completed, job.completed_at, job.version) == (JobStatus.CANCELLED, 1, NOW, 2)


@pytest.mark.parametrize("file_ids", [[9_999], [100_000_001], [10_000, -1], list(range(10_000, 11_001))])
def test_limits_refuse(file_ids: list[int]) -> None:
    with pytest.raises(RefusedFilesError):
        Limits(10_000, 100_000_000, 1_000).check(file_ids)


def test_limits_take_both_ends(now: datetime) -> None:
    Limits(10_000, 100_000_000, 2).check([10_000, 100_000_000])
    with pytest.raises(RefusedFilesError) as refused:
        Limits(10_000, 20_000, 9).check([9_999, 10_000, 20_001])
    assert refused.value.file_ids == [9_999, 20_001]
