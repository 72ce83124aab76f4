"""Archived files on the fakes: restored and waited for, looked at again slowly, shown to whoever asks."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from downloads.cold import TYPICAL, Asked, ColdClass, Restore, RestoreRule, Tier, ready_at
from downloads.errors import (
    FileFailedError,
    ObjectUnreadableError,
    StateUnavailableError,
    StateUnreadableError,
)
from downloads.estimate import Pace
from downloads.file import (
    Delivery,
    ErrorCode,
    FailedFile,
    FileStanding,
    FileTask,
    PreparedFile,
    Priority,
    RestoringFile,
)
from downloads.limits import Schedule
from downloads.model import LAST_CALL, Job, JobStatus, OnError
from downloads.usecases.attempt import Outcome, Workshop
from downloads.usecases.inspect import start
from downloads.usecases.link import linked, linked_file
from downloads.usecases.process import process
from downloads.usecases.read import one_file, page_of_files
from downloads.usecases.restore import finish
from downloads.usecases.sweep import Broom, Repair, sweep
from downloads.views import status_view
from tests.bundle_fakes import FakeBundleQueue
from tests.conftest import NOW, a_job, ready
from tests.fakes import FakeJobs, FakeObjects, FakeQueue
from tests.notice_fakes import FakeNotices

IDS = [70000, 70007]
AWAKE, ASLEEP = IDS
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RULE = RestoreRule(Tier.STANDARD, keep=timedelta(days=3), ttl=timedelta(days=1), deadline=HOUR)


class Shop:
    """A job of one file that is there and one that is archived, and all that works on it."""

    def __init__(self, rule: RestoreRule = RULE, cold: ColdClass = ColdClass.DEEP) -> None:
        self.jobs, self.queue = FakeJobs(clock=NOW), FakeQueue()
        self.objects = FakeObjects(dict.fromkeys(IDS, 1), archived={ASLEEP: cold})
        self.outcomes: list[Outcome] = []
        self.rule = rule
        self.faults: list[tuple[str, Exception]] = []

    def job(self, **changes: object) -> Job:
        job = a_job(total=len(IDS), **changes)
        self.jobs.create(job, IDS)
        return job

    def now(self, job: Job) -> Job:
        found = self.jobs.get(job.job_id)
        assert found is not None
        return found

    def deliver(self, job: Job, *file_ids: int, attempt: int = 1) -> list[Delivery]:
        shop = Workshop(
            self.jobs, self.objects, self.queue, 5, on_outcome=self.outcomes.append, restores=self.rule
        )
        tasks = [
            FileTask(job.job_id, each, job.round, Delivery(Priority.NORMAL, f"m{each}", f"r{each}", attempt))
            for each in file_ids or IDS
        ]
        return process(tasks, shop, self.jobs.clock)

    def restored(self, until: timedelta = timedelta(days=3)) -> None:
        self.objects.copies[ASLEEP] = self.jobs.clock + until

    def tell(self, time_left: bool = True) -> list[str]:
        return finish(
            ASLEEP, self.jobs, self.queue, lambda: time_left, lambda *fault: self.faults.append(fault)
        )

    def sweep(self, after: timedelta) -> dict[str, Repair]:
        self.jobs.clock += after
        broom = Broom(self.jobs, self.queue, FakeNotices(), FakeBundleQueue(), timedelta(minutes=2))
        return sweep(broom, self.jobs.clock, lambda: True)


def test_an_archived_file_is_restored_and_waits_as_no_result() -> None:
    shop = Shop()
    job = shop.job()
    assert shop.deliver(job) == []
    assert shop.objects.asked == {ASLEEP: Tier.STANDARD}
    after = shop.now(job)
    assert (after.status, after.completed, after.failed, after.remaining) == (JobStatus.PROCESSING, 1, 0, 1)
    assert ASLEEP not in shop.jobs.results(after, 0, ASLEEP)
    assert shop.jobs.standings(after, 0, ASLEEP)[ASLEEP] == RestoringFile(ASLEEP, NOW + 12 * HOUR)


class Remembering(FakeJobs):
    """A worker's jobs, as it read them before they ended."""

    known: Job | None = None

    def lately(self, job_id: str, round_: int) -> Job | None:
        return self.known


def remembering(job: Job, shop: Shop) -> Job:
    assert isinstance(shop.jobs, Remembering)
    shop.jobs.known = shop.jobs.begin(job, NOW)
    return job


def test_no_restore_is_paid_for_of_a_job_that_was_cancelled_a_moment_ago() -> None:
    shop = Shop()
    shop.jobs = Remembering(clock=NOW)
    job = remembering(shop.job(), shop)
    shop.jobs.cancel(job.job_id, job.owner, NOW)
    assert shop.deliver(job, ASLEEP) == []
    assert shop.objects.asked == {}
    assert shop.now(job).status is JobStatus.CANCELLED


def test_no_copy_is_kept_longer_for_a_job_that_was_cancelled_a_moment_ago() -> None:
    shop = Shop()
    shop.jobs = Remembering(clock=NOW)
    job = remembering(shop.job(), shop)
    shop.restored(until=HOUR)
    shop.jobs.cancel(job.job_id, job.owner, NOW)
    assert shop.deliver(job, ASLEEP) == []
    assert shop.objects.copies[ASLEEP] == NOW + HOUR
    assert [outcome.called_off for outcome in shop.outcomes] == [True]


def test_a_job_that_cannot_be_read_before_a_restore_is_asked_about_again() -> None:
    class Away(Remembering):
        def get(self, job_id: str) -> Job | None:
            if self.known:
                raise StateUnavailableError
            return super().get(job_id)

    shop = Shop()
    shop.jobs = Away(clock=NOW)
    job = remembering(shop.job(), shop)
    assert [kept.message_id for kept in shop.deliver(job, ASLEEP)] == [f"m{ASLEEP}"]
    assert shop.objects.asked == {}


def test_every_reader_shows_what_it_waits_for_and_until_when() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job)
    after = shop.now(job)
    view = status_view(after, page_of_files(after, shop.jobs, 10), Pace(5), NOW)
    waiting = view.files[1]
    assert (waiting.status, waiting.code) == ("processing", "RESTORING")
    assert waiting.estimatedReadyAt == view.estimatedCompletionAt == NOW + 12 * HOUR
    assert one_file(after, shop.jobs, ASLEEP) is None


def test_its_job_outlives_the_restore_and_is_never_shortened() -> None:
    shop = Shop()
    job = shop.job(deadline_at=NOW + 100 * HOUR, expires_at=NOW + timedelta(days=9))
    shop.deliver(job)
    assert shop.now(job).deadline_at == job.deadline_at
    assert shop.now(job).expires_at == job.expires_at
    job = shop.job()
    shop.deliver(job)
    assert shop.now(job).deadline_at == NOW + 19 * HOUR
    assert shop.now(job).expires_at == NOW + 43 * HOUR


@pytest.mark.parametrize("hours_between", [1, 40, 95])
def test_no_round_has_a_job_outlive_its_results(hours_between: int) -> None:
    job, rule, schedule = a_job(total=1), replace(RULE, tier=Tier.BULK), Schedule(DAY, HOUR, HOUR)
    now, gone = NOW, job.created_at + rule.results
    while schedule.fits(job, now):
        wait_until = ready_at(Tier.BULK, ColdClass.DEEP, now)
        job = job.reopened(now, now + HOUR, now + HOUR).restoring(wait_until, rule, now)
        assert job.expires_at <= gone
        assert job.deadline_at is not None
        assert job.deadline_at + LAST_CALL <= job.expires_at
        now += hours_between * HOUR
    assert job.round > 1


def test_a_restore_that_takes_longer_than_results_are_kept_is_not_begun() -> None:
    shop = Shop(replace(RULE, results=12 * HOUR))
    job = shop.job()
    shop.deliver(job)
    assert shop.objects.asked == {}
    assert shop.jobs.results(job, 0, ASLEEP)[ASLEEP] == FailedFile(ASLEEP, ErrorCode.ARCHIVED)


def test_one_that_waits_already_goes_on_until_the_last_call() -> None:
    shop = Shop(replace(RULE, results=13 * HOUR))
    job = shop.job(expires_at=NOW + 12 * HOUR)
    shop.deliver(job)
    shop.jobs.clock += 6 * HOUR
    shop.deliver(job, ASLEEP)
    after = shop.now(job)
    assert (after.remaining, after.deadline_at) == (1, NOW + 12.5 * HOUR)
    assert after.expires_at == NOW + 13 * HOUR


def test_restored_it_takes_the_place_of_the_wait_once() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job)
    shop.restored()
    for _ in range(3):
        assert shop.deliver(job, ASLEEP) == []
    after = shop.now(job)
    assert (after.status, after.completed, after.failed) == (JobStatus.COMPLETED, 2, 0)
    result = shop.jobs.results(after, ASLEEP, ASLEEP)[ASLEEP]
    assert isinstance(result, PreparedFile)
    assert result.stored.copy_until == NOW + timedelta(days=3)


def test_looks_in_vain_are_no_attempts_and_change_nothing() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job)
    before = shop.now(job)
    # Of five attempts, the hundredth look is none.
    assert shop.deliver(job, ASLEEP, attempt=100) == []
    assert shop.now(job) == before
    assert shop.outcomes[-1].restore is None


def test_without_a_tier_the_file_fails_and_nothing_is_restored() -> None:
    shop = Shop(RestoreRule())
    job = shop.job()
    shop.deliver(job)
    assert shop.objects.asked == {}
    assert shop.jobs.results(job, 0, ASLEEP)[ASLEEP] == FailedFile(ASLEEP, ErrorCode.ARCHIVED)
    assert shop.now(job).status is JobStatus.COMPLETED


def test_a_copy_that_would_end_before_its_job_is_kept_for_longer() -> None:
    shop = Shop()
    job = shop.job()
    shop.restored(until=3 * HOUR)
    shop.deliver(job)
    result = shop.jobs.results(job, 0, ASLEEP)[ASLEEP]
    assert isinstance(result, PreparedFile)
    assert result.stored.copy_until == NOW + timedelta(days=3)
    assert linked_file(result, shop.objects, NOW).link.expires_at == NOW + HOUR


@pytest.mark.parametrize(("ends", "kept"), [(48, 72), (49, 49)])
def test_a_copy_outlives_the_slowest_restore_beside_it_a_bundle_and_its_job(ends: int, kept: int) -> None:
    shop = Shop()
    job = shop.job()
    shop.restored(until=ends * HOUR)
    shop.deliver(job)
    result = shop.jobs.results(job, 0, ASLEEP)[ASLEEP]
    assert isinstance(result, PreparedFile)
    assert result.stored.copy_until == NOW + kept * HOUR


@pytest.mark.parametrize("asked", [Asked.BEGUN, Asked.JOINED])
def test_a_copy_that_ended_as_it_was_to_be_kept_is_waited_for(asked: Asked) -> None:
    class Late(FakeObjects):
        def restore(self, *_: object) -> Restore:
            return Restore(Tier.STANDARD, asked)

    shop = Shop()
    shop.objects = Late(dict.fromkeys(IDS, 1), archived={ASLEEP: ColdClass.DEEP})
    job = shop.job()
    shop.restored(until=timedelta(seconds=1))
    shop.deliver(job)
    assert shop.jobs.standings(job, ASLEEP, ASLEEP)[ASLEEP] == RestoringFile(ASLEEP, NOW + 12 * HOUR)


def test_a_copy_that_cannot_be_kept_for_longer_can_be_had_until_it_ends() -> None:
    class Refusing(FakeObjects):
        def restore(self, *_: object) -> None:  # type: ignore[override] # it refuses whatever it is asked
            raise ObjectUnreadableError(ErrorCode.FORBIDDEN)

    shop = Shop()
    shop.objects = Refusing(dict.fromkeys(IDS, 1), archived={ASLEEP: ColdClass.DEEP})
    job = shop.job()
    shop.restored(until=timedelta(minutes=10))
    shop.deliver(job)
    result = shop.jobs.results(job, 0, ASLEEP)[ASLEEP]
    assert isinstance(result, PreparedFile)
    # The link is not said to work for longer than there is something to read.
    link = linked_file(result, shop.objects, NOW).link
    assert link.expires_at == result.stored.copy_until == NOW + timedelta(minutes=10)


def test_no_dead_link_is_handed_out_once_the_copy_is_gone() -> None:
    shop = Shop()
    job = shop.job()
    file = ready(ASLEEP)
    shop.jobs.record(job, [replace(file, stored=replace(file.stored, copy_until=NOW + HOUR))], NOW)
    later = NOW + HOUR
    page = linked(page_of_files(job, shop.jobs, 10), shop.objects, later)
    assert dict(page.files)[ASLEEP] == FailedFile(ASLEEP, ErrorCode.ARCHIVED)
    known = one_file(job, shop.jobs, ASLEEP)
    assert known is not None
    with pytest.raises(FileFailedError) as raised:
        linked_file(known, shop.objects, later)
    assert raised.value.code is ErrorCode.ARCHIVED


def test_the_older_call_does_not_wait_and_begins_nothing() -> None:
    shop = Shop()
    assert start(ASLEEP, shop.objects, NOW) == FailedFile(ASLEEP, ErrorCode.ARCHIVED)
    assert shop.objects.asked == {}


@pytest.mark.parametrize("changes", [{"on_error": OnError.FAIL_FAST}, {}])
def test_an_ended_job_waits_for_nothing(changes: dict[str, object]) -> None:
    shop = Shop()
    job = shop.job(**changes)
    shop.deliver(job, ASLEEP)
    shop.jobs.cancel(job.job_id, job.owner, NOW)
    ended = shop.now(job)
    assert dict(page_of_files(ended, shop.jobs, 10).files)[ASLEEP] is None
    shop.deliver(job, ASLEEP)
    assert shop.now(job) == ended
    assert shop.tell() == []


def test_the_end_of_a_restore_sends_the_file_to_each_open_job_that_waits() -> None:
    shop = Shop()
    first, second, ended = shop.job(), shop.job(), shop.job()
    for job in (first, second, ended):
        shop.deliver(job)
    shop.jobs.cancel(ended.job_id, ended.owner, NOW)
    assert set(shop.tell()) == {first.job_id, second.job_id}
    assert set(shop.queue.sent) == {(first.job_id, ASLEEP, 1), (second.job_id, ASLEEP, 1)}
    # Each is told once, and of one that has ended nothing is kept.
    assert shop.tell() == shop.jobs.waiting_for(ASLEEP) == []


def test_an_event_that_could_not_be_passed_on_comes_again() -> None:
    shop = Shop()
    shop.deliver(shop.job())
    shop.queue.refused = {ASLEEP}
    with pytest.raises(StateUnavailableError):
        shop.tell()
    shop.queue.refused = set()
    assert len(shop.tell()) == 1


def test_whom_a_run_has_no_time_to_tell_the_next_one_tells() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job)
    with pytest.raises(StateUnavailableError):
        shop.tell(time_left=False)
    assert shop.queue.sent == []
    assert shop.tell() == [job.job_id]


def test_one_job_of_an_unknown_shape_keeps_nobody_else_waiting() -> None:
    class Unreadable(FakeJobs):
        broken = ""

        def get(self, job_id: str) -> Job | None:
            if job_id == self.broken:
                raise StateUnreadableError(job_id)
            return super().get(job_id)

    shop = Shop()
    shop.jobs = jobs = Unreadable(clock=NOW)
    broken, other = shop.job(), shop.job()
    for job in (broken, other):
        shop.deliver(job)
    jobs.broken = broken.job_id
    assert shop.tell() == [other.job_id]
    assert [job_id for job_id, _ in shop.faults] == [broken.job_id]


def test_a_joined_restore_that_ends_before_the_wait_is_noted_is_found() -> None:
    class Slow(FakeJobs):
        def wait(self, *args: Any) -> Collection[int]:
            shop.restored()
            assert shop.tell() == []
            return super().wait(*args)

    shop = Shop()
    shop.deliver(shop.job())
    shop.jobs = Slow(clock=NOW)
    job = shop.job()
    assert shop.deliver(job) == []
    after = shop.now(job)
    assert (after.status, after.completed) == (JobStatus.COMPLETED, 2)


def test_a_joined_restore_that_goes_on_costs_one_more_look_and_no_other() -> None:
    shop = Shop()
    shop.deliver(shop.job(), ASLEEP)
    job = shop.job()
    for looks in (3, 4):
        shop.deliver(job, ASLEEP)
        assert shop.objects.heads == [ASLEEP] * looks
    assert shop.now(job).remaining == 2


def test_an_event_that_comes_too_early_changes_nothing() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job)
    before = shop.now(job)
    shop.tell()
    shop.deliver(job, ASLEEP)
    assert shop.now(job) == before


def test_the_sweeper_looks_again_every_recheck_and_no_sooner() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job)
    looks = {}
    for minute in range(1, 61):
        looks[minute] = shop.sweep(timedelta(minutes=1)).get(job.job_id)
    # First seen after the grace, then every quarter of an hour.
    assert {minute: look for minute, look in looks.items() if look} == {
        2: Repair.RESTORING,
        17: Repair.RECHECKED,
        32: Repair.RECHECKED,
        47: Repair.RECHECKED,
    }
    assert shop.queue.sent == [(job.job_id, ASLEEP, 1)] * 3


def test_a_look_reads_how_files_stand_once() -> None:
    class Read(FakeJobs):
        reads = 0

        def standings(self, job: Job, first: int, last: int) -> Mapping[int, FileStanding]:
            self.reads += 1
            return super().standings(job, first, last)

    shop = Shop()
    shop.jobs = jobs = Read(clock=NOW)
    job = shop.job()
    shop.deliver(job)
    jobs.reads = 0
    for look in (1, 2):
        assert shop.sweep(timedelta(minutes=15)) == {
            job.job_id: Repair.RESTORING if look == 1 else Repair.RECHECKED
        }
        assert jobs.reads == look


def test_a_lost_message_beside_a_restore_is_sent_again_after_the_grace() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job, ASLEEP)
    assert shop.sweep(timedelta(minutes=2)) == {job.job_id: Repair.NOTHING}
    assert shop.sweep(timedelta(minutes=2)) == {job.job_id: Repair.SENT_AGAIN}
    assert shop.queue.sent == [(job.job_id, AWAKE, 1)]


def test_a_restore_that_never_comes_ends_with_the_deadline() -> None:
    shop = Shop()
    job = shop.job()
    shop.deliver(job)
    while shop.sweep(timedelta(minutes=15)).get(job.job_id) is not Repair.DEADLINE:
        assert shop.jobs.clock < NOW + 20 * HOUR
    after = shop.now(job)
    assert (after.status, after.completed, after.failed) == (JobStatus.COMPLETED, 1, 1)
    assert shop.jobs.results(after, ASLEEP, ASLEEP)[ASLEEP] == FailedFile(ASLEEP, ErrorCode.DEADLINE_EXCEEDED)


@pytest.mark.parametrize("cold", ColdClass)
@pytest.mark.parametrize("tier", Tier)
def test_each_tier_of_each_archive_has_its_time(tier: Tier, cold: ColdClass) -> None:
    known = tier.of(cold)
    assert (known, cold.deep) in TYPICAL
    assert known is tier or (tier, cold.deep) == (Tier.EXPEDITED, True)
