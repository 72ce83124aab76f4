"""Initiate, process, cancel, read: functions over the fakes."""

from datetime import datetime, timedelta

import pytest

from downloads.callback import Guard
from downloads.entitlements import Everything
from downloads.errors import (
    FileFailedError,
    FileNotInJobError,
    JobEndedError,
    JobNotFoundError,
    RefusedFilesError,
    StoreUnavailableError,
)
from downloads.file import Delivery, ErrorCode, FailedFile, FileTask, LinkedFile, Priority
from downloads.limits import Limits, Schedule
from downloads.model import Job, JobStatus
from downloads.usecases.attempt import Workshop
from downloads.usecases.cancel import cancel
from downloads.usecases.initiate import Intake, Order, initiate
from downloads.usecases.inspect import check, health, start
from downloads.usecases.link import linked
from downloads.usecases.process import process
from downloads.usecases.read import one_file, page_of_files
from tests.conftest import SOMEONE, a_job, failed, ready
from tests.fakes import FakeAllowances, FakeJobs, FakeObjects, FakeQueue

IDS = [70000, 70007, 70014]


@pytest.fixture
def jobs(now: datetime) -> FakeJobs:
    return FakeJobs(clock=now)


@pytest.fixture
def job(jobs: FakeJobs) -> Job:
    made = a_job(total=3)
    jobs.create(made, IDS)
    return made


def shop(jobs: FakeJobs, objects: FakeObjects) -> Workshop:
    return Workshop(jobs, objects, FakeQueue(), max_attempts=5)


def tasks(job: Job, *file_ids: int, attempt: int = 1) -> list[FileTask]:
    return [
        FileTask(job.job_id, i, job.round, Delivery(Priority.HIGH, f"message-{i}", f"receipt-{i}", attempt))
        for i in file_ids
    ]


def intake(jobs: FakeJobs, queue: FakeQueue) -> Intake:
    schedule = Schedule(ttl=timedelta(days=1), deadline=timedelta(hours=1), grace=timedelta(minutes=2))
    return Intake(
        jobs,
        queue,
        FakeAllowances(jobs),
        Everything(),
        Limits(10_000, 100_000, 3),
        schedule,
        Guard(),
    )


def test_initiate_writes_the_job_then_sends_each_file_once(jobs: FakeJobs, now: datetime) -> None:
    queue = FakeQueue()
    order = Order([70007, 70000, 70007], SOMEONE, Priority.HIGH, "https://example.com/hook")
    accepted = initiate(order, intake(jobs, queue), now)
    job = accepted.job
    assert jobs.get(job.job_id) == job
    assert (job.owner, job.total, job.expires_at) == ("user:someone", 2, now + timedelta(days=1))
    assert queue.sent == [(job.job_id, 70000, 1), (job.job_id, 70007, 1)]
    assert accepted.unsent == []


def test_initiate_names_what_could_not_be_sent(jobs: FakeJobs, now: datetime) -> None:
    accepted = initiate(Order(IDS, SOMEONE), intake(jobs, FakeQueue(refused={70007})), now)
    assert accepted.unsent == [70007]
    assert jobs.get(accepted.job.job_id) is not None


def test_initiate_refuses_before_it_writes(jobs: FakeJobs, now: datetime) -> None:
    queue = FakeQueue()
    with pytest.raises(RefusedFilesError):
        initiate(Order([1], SOMEONE), intake(jobs, queue), now)
    assert (jobs.jobs, queue.sent) == ({}, [])


def test_process_records_what_is_there_and_what_is_not(jobs: FakeJobs, job: Job, now: datetime) -> None:
    kept = process(tasks(job, *IDS), shop(jobs, FakeObjects({70000: 1, 70007: 0})), now)
    assert kept == []
    after = jobs.counted(jobs.jobs[job.job_id])
    assert (after.status, after.completed, after.failed) == (JobStatus.COMPLETED, 2, 1)
    assert jobs.results(job, 70014, 70014)[70014] == FailedFile(70014, ErrorCode.NOT_FOUND)


def test_a_batch_of_two_jobs_is_recorded_for_each(jobs: FakeJobs, job: Job, now: datetime) -> None:
    other = a_job(total=1)
    jobs.create(other, [70000])
    process(tasks(job, 70000) + tasks(other, 70000), shop(jobs, FakeObjects({70000: 1})), now)
    assert jobs.counted(jobs.jobs[job.job_id]).completed == 1
    assert jobs.counted(jobs.jobs[other.job_id]).status is JobStatus.COMPLETED


@pytest.mark.parametrize("ended", [JobStatus.CANCELLED, JobStatus.COMPLETED, JobStatus.FAILED])
def test_a_terminal_job_costs_no_head(jobs: FakeJobs, now: datetime, ended: JobStatus) -> None:
    job = a_job(status=ended)
    jobs.create(job, IDS)
    objects = FakeObjects({70000: 1})
    assert process(tasks(job, 70000), shop(jobs, objects), now) == []
    assert objects.heads == []


@pytest.mark.parametrize(("attempt", "wait"), [(1, 4), (2, 16), (3, 64), (4, 256)])
def test_a_passing_fault_makes_the_message_visible_later(
    jobs: FakeJobs, job: Job, now: datetime, attempt: int, wait: int
) -> None:
    faulty = FakeObjects({70007: 1}, faults={70000: StoreUnavailableError(ErrorCode.TIMEOUT)})
    queue = FakeQueue()
    batch = tasks(job, 70000, 70007, attempt=attempt)
    kept = process(batch, Workshop(jobs, faulty, queue, max_attempts=5), now)
    assert [delivery.message_id for delivery in kept] == ["message-70000"]
    ((message_id, seconds),) = queue.waits
    assert message_id == "message-70000"
    assert wait / 2 <= seconds <= wait
    after = jobs.counted(jobs.jobs[job.job_id])
    assert (after.completed, after.failed) == (1, 0)


def test_the_last_attempt_fails_the_file_and_lets_the_message_go_to_the_dead_letters(
    jobs: FakeJobs, job: Job, now: datetime
) -> None:
    faulty = FakeObjects(faults={70000: StoreUnavailableError(ErrorCode.TIMEOUT)})
    queue = FakeQueue()
    kept = process(tasks(job, 70000, attempt=5), Workshop(jobs, faulty, queue, max_attempts=5), now)
    assert [delivery.message_id for delivery in kept] == ["message-70000"]
    assert queue.waits == [("message-70000", 0)]
    assert jobs.results(job, 70000, 70000)[70000] == FailedFile(70000, ErrorCode.TIMEOUT)


def test_cancel(jobs: FakeJobs, job: Job, now: datetime) -> None:
    first = cancel(job.job_id, job.owner, jobs, now)
    assert first.status is JobStatus.CANCELLED
    assert cancel(job.job_id, job.owner, jobs, now + timedelta(seconds=1)) == first
    with pytest.raises(JobNotFoundError):
        cancel("unknown", job.owner, jobs, now)


def test_an_ended_job_is_not_cancelled(jobs: FakeJobs, job: Job, now: datetime) -> None:
    jobs.record(job, [ready(file_id) for file_id in IDS], now)
    with pytest.raises(JobEndedError):
        cancel(job.job_id, job.owner, jobs, now)


def test_pages_join_without_gap_or_repeat(jobs: FakeJobs, job: Job, now: datetime) -> None:
    jobs.record(job, [ready(70007)], now)
    first = page_of_files(job, jobs, limit=2)
    assert ([file_id for file_id, _ in first.files], first.after) == ([70000, 70007], 70007)
    second = page_of_files(job, jobs, limit=2, after=70007)
    assert (second.files, second.after) == ([(70014, None)], None)
    assert page_of_files(job, jobs, limit=2, after=70014).files == []


def test_one_file(jobs: FakeJobs, job: Job, now: datetime) -> None:
    jobs.record(job, [ready(70000), failed(70007)], now)
    assert one_file(job, jobs, 70000) == ready(70000)
    assert one_file(job, jobs, 70014) is None
    with pytest.raises(FileFailedError):
        one_file(job, jobs, 70007)
    with pytest.raises(FileNotInJobError):
        one_file(job, jobs, 70001)


def test_a_link_has_all_of_its_life_left_whenever_it_is_handed_out(
    jobs: FakeJobs, job: Job, now: datetime
) -> None:
    jobs.record(job, [ready(70000), failed(70007)], now)
    for later in (now, now + timedelta(days=1)):
        page = linked(page_of_files(job, jobs, limit=3), FakeObjects(), later)
        ends = [(file.file_id, file.link.expires_at) for file in page.links]
        assert ends == [(70000, later + timedelta(hours=1))]
        assert [type(result) for _, result in page.files] == [LinkedFile, FailedFile, type(None)]


def test_check_and_start_answer_for_missing_files_and_faults(now: datetime) -> None:
    objects = FakeObjects({70000: 3}, faults={70007: StoreUnavailableError(ErrorCode.TIMEOUT)})
    found = check(70000, objects)
    assert found is not None
    assert found.size == 3
    assert check(70014, objects) is None
    assert start(70014, objects, now) == FailedFile(70014, ErrorCode.NOT_FOUND)
    assert start(70007, objects, now) == FailedFile(70007, ErrorCode.TIMEOUT)
    with pytest.raises(StoreUnavailableError):
        check(70007, objects)


def test_health_asks_each() -> None:
    assert health({"up": FakeObjects(), "down": FakeObjects(down=True)}) == {"up": True, "down": False}


def test_a_message_about_a_file_of_no_job_counts_nothing_and_dies_soon(
    jobs: FakeJobs, job: Job, now: datetime
) -> None:
    objects, queue = FakeObjects({70000: 1, 99999: 1}), FakeQueue()
    kept = process(tasks(job, 99999, 70000), Workshop(jobs, objects, queue, max_attempts=5), now)
    assert [delivery.message_id for delivery in kept] == ["message-99999"]
    assert (queue.waits, objects.heads) == ([("message-99999", 0)], [70000])
    assert list(jobs.results(job, 0, 100_000)) == [70000]


@pytest.mark.parametrize("ended", [JobStatus.CANCELLED, JobStatus.COMPLETED])
def test_a_stranger_is_one_even_when_its_job_has_ended(
    jobs: FakeJobs, now: datetime, ended: JobStatus
) -> None:
    job = a_job(status=ended)
    jobs.create(job, IDS)
    kept = process(tasks(job, 99999, 70000), shop(jobs, FakeObjects()), now)
    assert [delivery.message_id for delivery in kept] == ["message-99999"]


def test_a_job_is_not_begun_by_strangers(jobs: FakeJobs, job: Job, now: datetime) -> None:
    process(tasks(job, 99999), shop(jobs, FakeObjects({99999: 1})), now)
    assert jobs.counted(jobs.jobs[job.job_id]) == job
