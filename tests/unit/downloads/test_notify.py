"""The end of a job becomes a notice: once due, always the same, never for a job that goes on."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from downloads.contracts.notices import MOST_FAILED_FILES, notice_body
from downloads.errors import ContendedError, NoticeUnsentError
from downloads.file import REASONS, ErrorCode, FailedFile
from downloads.limits import Schedule
from downloads.model import NOTICE_GRACE, Job, JobStatus
from downloads.usecases.notify import notify
from downloads.usecases.redrive import free_of_charge
from downloads.usecases.retry import Reopening, retry
from downloads.usecases.sweep import Broom, Repair, sweep
from tests.bundle_fakes import FakeBundleQueue
from tests.conftest import NOW, a_job, failed, ready
from tests.fakes import FakeJobs, FakeQueue
from tests.notice_fakes import FakeNotices

IDS = [70000, 70007, 70014]
URL = "https://receiver.example/hook"
SCHEDULE = Schedule(timedelta(days=1), timedelta(hours=1), timedelta(minutes=2))


@pytest.fixture
def jobs() -> FakeJobs:
    return FakeJobs(clock=NOW)


def ended(jobs: FakeJobs, **changes: object) -> Job:
    job = a_job(total=3, callback_url=URL, **changes)
    jobs.create(job, IDS)
    jobs.record(job, [ready(70000), failed(70014), failed(70007, ErrorCode.TIMEOUT)], NOW)
    return jobs.jobs[job.job_id]


def test_a_notice_says_what_became_of_the_job(jobs: FakeJobs) -> None:
    job, notices = ended(jobs), FakeNotices()
    assert notify(job.job_id, jobs, notices)
    (notice,) = notices.sent
    assert (notice.webhook_id, notice.url, notice.series) == (f"msg_{job.job_id}_2", URL, 1)
    assert json.loads(notice.body) == {
        "type": "download.completed",
        "timestamp": "2026-11-23T12:00:00Z",
        "data": {
            "jobId": job.job_id,
            "status": "completed",
            "version": 2,
            "progress": {"completed": 1, "failed": 2, "total": 3, "percentage": 100},
            "createdAt": "2026-11-23T12:00:00Z",
            "completedAt": "2026-11-23T12:00:00Z",
            "failedFiles": [
                {"file_id": 70007, "errorCode": "TIMEOUT"},
                {"file_id": 70014, "errorCode": "NOT_FOUND"},
            ],
        },
    }


def test_it_is_queued_once_and_then_no_longer_due(jobs: FakeJobs) -> None:
    job, notices = ended(jobs), FakeNotices()
    assert [notify(job.job_id, jobs, notices) for _ in range(3)] == [True, False, False]
    assert len(notices.sent) == 1
    assert jobs.due(NOW + timedelta(days=1), 10) == []


def test_neither_an_open_job_nor_one_without_a_callback_has_a_notice(jobs: FakeJobs) -> None:
    notices = FakeNotices()
    going_on, silent = a_job(total=3, callback_url=URL), a_job(total=3)
    for job in (going_on, silent):
        jobs.create(job, IDS)
    jobs.cancel(silent.job_id, silent.owner, NOW)
    for job_id in (going_on.job_id, silent.job_id, "unknown"):
        assert not notify(job_id, jobs, notices)
    assert notices.sent == []


def test_what_the_stream_lost_the_sweeper_queues(jobs: FakeJobs) -> None:
    job, notices = ended(jobs), FakeNotices(down=True)
    with pytest.raises(NoticeUnsentError):
        notify(job.job_id, jobs, notices)
    broom, later = Broom(jobs, FakeQueue(), notices, FakeBundleQueue(), SCHEDULE.grace), NOW + NOTICE_GRACE
    assert sweep(broom, NOW, lambda: True) == {}
    assert sweep(broom, later, lambda: True) == {job.job_id: Repair.UNSENT}
    notices.down = False
    assert sweep(broom, later, lambda: True) == {job.job_id: Repair.NOTIFIED}
    assert sweep(broom, later, lambda: True) == {}
    assert len(notices.sent) == 1


def test_a_retry_waits_for_the_notice_and_its_end_is_another(jobs: FakeJobs) -> None:
    job, notices, queue = ended(jobs), FakeNotices(), FakeQueue()
    with pytest.raises(ContendedError):
        retry(jobs.jobs[job.job_id], Reopening(jobs, queue, SCHEDULE, free_of_charge), NOW)
    notify(job.job_id, jobs, notices)
    again = retry(jobs.jobs[job.job_id], Reopening(jobs, queue, SCHEDULE, free_of_charge), NOW).job
    jobs.record(again, [ready(70007), ready(70014)], NOW)
    notify(job.job_id, jobs, notices)
    first, second = notices.sent
    assert first.webhook_id != second.webhook_id
    assert json.loads(second.body)["data"]["failedFiles"] == []


class Reopens(FakeJobs):
    """Another run queues the notice and a retry reopens the job while its results are read."""

    def results(self, job: Job, first: int, last: int) -> dict[int, object]:  # type: ignore[override] # as the fake's
        found = super().results(job, first, last)
        self.jobs[job.job_id] = replace(self.jobs[job.job_id], check_at=None).reopened(NOW, NOW, NOW)
        return dict(found)


def test_results_of_another_round_are_never_told_under_this_ones_id() -> None:
    jobs, notices = Reopens(clock=NOW), FakeNotices()
    assert not notify(ended(jobs).job_id, jobs, notices)
    assert notices.sent == []


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED])
def test_a_notice_of_ten_thousand_failures_stays_below_20_kb(status: JobStatus) -> None:
    longest = max(ErrorCode, key=lambda code: len(REASONS[code]) + len(code))
    job = a_job(total=10_000, status=status, failed=10_000, version=999_999, completed_at=NOW)
    body = notice_body(job, [FailedFile(999_999_999 - n, longest) for n in range(10_000)])
    assert len(body.encode()) < 20_000
    data = json.loads(body)["data"]
    assert len(data["failedFiles"]) == MOST_FAILED_FILES
    assert data["failedFiles"][0]["file_id"] == 999_990_000
    assert data["progress"]["failed"] == 10_000
