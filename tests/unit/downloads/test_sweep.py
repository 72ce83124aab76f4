"""The sweeper over time, on the fakes: when it looks, what it sends again, what holds back nobody."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from downloads.bundle import BUNDLE_TIME, BundleError, BundleFormat, wanted
from downloads.bundle_queue_ports import BundleTask
from downloads.errors import JobExpiringError
from downloads.file import ErrorCode
from downloads.limits import LAST_CALL, Schedule
from downloads.model import Job, JobStatus
from downloads.usecases.redrive import free_of_charge
from downloads.usecases.retry import Reopening, retry
from downloads.usecases.sweep import MOST_JOBS, PATIENT_LOOKS, Broom, Repair, sweep
from tests.bundle_fakes import FakeBundleQueue
from tests.conftest import NOW, a_job, failed, ready
from tests.fakes import FakeJobs, FakeQueue
from tests.notice_fakes import FakeNotices

GRACE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)
IDS = [70000, 70007, 70014]


@dataclass
class Sweeper:
    """Runs every minute of a clock of its own."""

    jobs: FakeJobs = field(default_factory=lambda: FakeJobs(clock=NOW))
    queue: FakeQueue = field(default_factory=FakeQueue)
    bundles: FakeBundleQueue = field(default_factory=FakeBundleQueue)
    faults: list[str] = field(default_factory=list)

    def job(self, **changes: object) -> Job:
        job = a_job(**changes)
        self.jobs.create(job, IDS)
        return job

    def run(self) -> dict[str, Repair]:
        self.jobs.clock += MINUTE
        broom = Broom(
            self.jobs,
            self.queue,
            FakeNotices(),
            self.bundles,
            GRACE,
            lambda job_id, _: self.faults.append(job_id),
        )
        return sweep(broom, self.jobs.clock, lambda: True)

    def until(self, wanted: Repair, job: Job, most: int) -> datetime:
        for _ in range(most):
            if self.run().get(job.job_id) is wanted:
                return self.jobs.clock
        raise AssertionError(f"no {wanted} in {most} minutes")


@pytest.fixture
def sweeper() -> Sweeper:
    return Sweeper()


@pytest.mark.parametrize("seconds", [300, 600, 1_200, 3_600, 5_000])
def test_a_job_ends_within_a_minute_of_its_deadline_whatever_it_is(sweeper: Sweeper, seconds: int) -> None:
    deadline = NOW + timedelta(seconds=seconds)
    job = sweeper.job(deadline_at=deadline)
    ended = sweeper.until(Repair.DEADLINE, job, 100)
    assert deadline <= ended <= deadline + MINUTE
    assert {result.error_code for result in sweeper.jobs.results(job, 0, 10**9).values()} == {  # type: ignore[union-attr] # all failed
        ErrorCode.DEADLINE_EXCEEDED
    }


def test_a_job_whose_results_were_not_all_counted_ends_by_its_deadline(sweeper: Sweeper) -> None:
    deadline = NOW + timedelta(minutes=20)
    job = sweeper.job(deadline_at=deadline)
    sweeper.jobs.files[job.job_id] = {file_id: (job.round, ready(file_id)) for file_id in IDS}
    assert sweeper.until(Repair.NOTHING, job, 5) < deadline
    assert deadline <= sweeper.until(Repair.DEADLINE, job, 20) <= deadline + MINUTE
    after = sweeper.jobs.get(job.job_id)
    assert after is not None
    assert after.status is JobStatus.CANCELLED


def test_a_job_that_stands_still_is_looked_at_ever_later_and_one_that_moves_after_the_grace(
    sweeper: Sweeper,
) -> None:
    job = sweeper.job()
    looks = [minute for minute in range(1, 40) if sweeper.run().get(job.job_id) is Repair.SENT_AGAIN]
    assert looks == [2, 6, 14, 29]
    sweeper.jobs.record(job, [ready(70000)], sweeper.jobs.clock)
    seen = sweeper.until(Repair.NOTHING, job, 20)
    assert sweeper.until(Repair.SENT_AGAIN, job, 20) - seen == GRACE


def test_a_job_behind_a_busy_lane_is_sent_again_only_after_some_looks(sweeper: Sweeper) -> None:
    job = sweeper.job()
    sweeper.queue.lanes[job.priority] = len(IDS)
    looks = [repair for _ in range(20) for repair in sweeper.run().values()]
    assert looks == [Repair.WAITING] * PATIENT_LOOKS + [Repair.SENT_AGAIN]
    assert len(sweeper.queue.sent) == len(IDS)


def test_one_run_looks_at_all_that_is_due(sweeper: Sweeper) -> None:
    jobs = [sweeper.job() for _ in range(2 * MOST_JOBS + 1)]
    sweeper.jobs.clock += GRACE
    assert sweeper.run() == {job.job_id: Repair.SENT_AGAIN for job in jobs}


def test_what_another_run_has_looked_at_is_let_be(sweeper: Sweeper) -> None:
    """The index is a little late: it still names a job that was put off."""
    job = sweeper.job(check_at=NOW)
    stale = StaleJobs(clock=NOW, jobs=sweeper.jobs.jobs, ids=sweeper.jobs.ids, files=sweeper.jobs.files)
    sweeper.jobs.put_off(job, NOW + GRACE, 0)
    broom = Broom(stale, sweeper.queue, FakeNotices(), sweeper.bundles, GRACE)
    assert sweep(broom, NOW, lambda: True) == {job.job_id: Repair.SEEN}
    assert sweeper.queue.sent == []


class StaleJobs(FakeJobs):
    def due(self, now: datetime, most: int) -> list[str]:
        return list(self.jobs)


def test_a_job_that_breaks_the_sweep_holds_back_no_other(sweeper: Sweeper) -> None:
    broken, well = sweeper.job(), sweeper.job()
    del sweeper.jobs.ids[broken.job_id], sweeper.jobs.files[broken.job_id]
    sweeper.jobs.files[broken.job_id] = {70000: "no result"}  # type: ignore[dict-item] # an item of unknown shape
    sweeper.jobs.clock += GRACE
    assert sweeper.run() == {broken.job_id: Repair.BROKEN, well.job_id: Repair.SENT_AGAIN}
    assert sweeper.faults == [broken.job_id]


def test_an_expired_job_is_due_no_more(sweeper: Sweeper) -> None:
    job = sweeper.job(expires_at=NOW + MINUTE)
    sweeper.jobs.clock += GRACE
    assert sweeper.run() == {job.job_id: Repair.GONE}
    assert sweeper.run() == {}


def test_a_retry_that_could_not_end_before_the_job_expires_is_refused(sweeper: Sweeper) -> None:
    schedule = Schedule(timedelta(days=1), timedelta(hours=1), GRACE)
    job = sweeper.job(expires_at=NOW + schedule.deadline + LAST_CALL)
    sweeper.jobs.record(job, [failed(file_id) for file_id in IDS], NOW)
    job = sweeper.jobs.jobs[job.job_id]
    with pytest.raises(JobExpiringError):
        retry(
            job, Reopening(sweeper.jobs, sweeper.queue, schedule, free_of_charge), NOW + timedelta(seconds=1)
        )
    assert retry(job, Reopening(sweeper.jobs, sweeper.queue, schedule, free_of_charge), NOW).job.round == 2


def bundling(sweeper: Sweeper) -> Job:
    job = sweeper.job(bundle=wanted(BundleFormat.ZIP))
    sweeper.jobs.record(job, [ready(file_id) for file_id in IDS], NOW)
    return job


def test_a_bundle_that_nobody_makes_is_asked_for_again_ever_later(sweeper: Sweeper) -> None:
    job = bundling(sweeper)
    looks = [minute for minute in range(1, 40) if sweeper.run().get(job.job_id) is Repair.BUNDLE_ASKED]
    assert looks == [2, 4, 8, 16, 31]
    assert sweeper.bundles.sent == [BundleTask(job.job_id, 1)] * len(looks)
    assert sweeper.queue.sent == []


def test_a_bundle_past_its_deadline_is_given_up(sweeper: Sweeper) -> None:
    due = sweeper.jobs.jobs[bundling(sweeper).job_id]
    assert due.bundle
    job = due.bundled(due.bundle.begun(1_000, NOW), NOW)
    sweeper.jobs.swap(due, job)
    ended = sweeper.until(Repair.DEADLINE, job, 400)
    assert NOW + BUNDLE_TIME <= ended <= NOW + BUNDLE_TIME + MINUTE
    after = sweeper.jobs.jobs[job.job_id]
    assert (after.status, after.bundle and after.bundle.error) == (
        "completed",
        BundleError.DEADLINE_EXCEEDED,
    )


def test_a_queue_of_bundles_that_takes_nothing_is_told(sweeper: Sweeper) -> None:
    job = bundling(sweeper)
    sweeper.bundles.down = True
    sweeper.until(Repair.UNSENT, job, 20)
