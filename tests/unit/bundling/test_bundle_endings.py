"""Bundles that are given up: cancelled, too late, of files that changed; and what is left of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from downloads.bundle import BUNDLE_TIME, BundleError, BundleStatus, Sizes
from downloads.bundle_queue_ports import BundleTask
from downloads.caller import ANONYMOUS
from downloads.errors import StateUnavailableError
from downloads.file import ErrorCode
from downloads.limits import Schedule
from downloads.model import NOTICE_GRACE
from downloads.usecases.bundle import Bundled
from downloads.usecases.request_bundle import request_bundle
from downloads.usecases.retry import Reopening, retry
from tests.bundle_fakes import FakeArchives
from tests.conftest import NOW
from tests.fakes import FakeQueue
from tests.unit.bundling.shop import World, assert_ended, assert_whole
from tests.unit.simulation.world import CrashError, Fuse

FILES: dict[int, bytes | ErrorCode] = {70000: b"a" * 150, 70007: b"b" * 90, 70014: ErrorCode.NOT_FOUND}
NAMES = {70000: "a.txt", 70007: "b.txt", 70014: "c.txt"}
SCHEDULE = Schedule(timedelta(days=1), timedelta(hours=1), timedelta(minutes=2))


@pytest.fixture
def world() -> World:
    return World(dict(FILES), NAMES)


def cancelled(world: World) -> None:
    """A cancel, and what the stream makes of it."""
    world.jobs.cancel(world.job_id, ANONYMOUS, world.now)
    request_bundle(world.job, world.queue)


def assert_nothing_left(world: World) -> None:
    assert (world.archives.uploads, world.archives.objects) == ({}, {})


def error(world: World) -> BundleError | None:
    assert world.job.bundle
    return world.job.bundle.error


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("exact", [False, True])
def test_a_cancel_at_any_step_leaves_nothing_behind(after: bool, crash: bool, exact: bool) -> None:
    for step in range(1, 110):
        world = World(dict(FILES), NAMES, archives=FakeArchives(exact=exact))
        world.run(Fuse(step, after, meanwhile=lambda world=world: cancelled(world)))
        if crash:
            with pytest.raises(CrashError):
                world.run(Fuse(1))
        for task in [world.task, *world.queue.sent]:
            world.run(task=task)
        if world.job.status == "cancelled":
            assert error(world) is BundleError.JOB_ENDED
            assert_nothing_left(world)
        else:
            assert_whole(world)
            assert_ended(world)


def test_a_cancel_before_anybody_began_asks_for_nothing(world: World) -> None:
    cancelled(world)
    assert world.queue.sent == []
    assert world.run() is Bundled.NOTHING


def test_a_job_that_is_gone_leaves_nothing_behind(world: World) -> None:
    task = world.task
    assert world.run(parts=1) is Bundled.CONTINUED
    del world.jobs.jobs[world.job_id]
    assert world.run(task=task) is Bundled.CLEARED
    assert_nothing_left(world)


def test_past_its_deadline_a_bundle_fails_and_the_job_completes(world: World) -> None:
    assert world.run(parts=1) is Bundled.CONTINUED
    assert world.job.deadline_at == NOW + BUNDLE_TIME
    world.later(hours=6)
    assert world.run() is Bundled.FAILED
    assert (world.job.status, error(world)) == ("completed", BundleError.DEADLINE_EXCEEDED)
    assert world.job.percentage == 100
    assert_nothing_left(world)


@pytest.mark.parametrize(
    ("etag", "code"), [("etag-new", "CHANGED"), (None, "NOT_FOUND"), ("forbidden", "FORBIDDEN")]
)
def test_a_file_that_cannot_be_had_any_more_is_left_out_and_told(
    world: World, etag: str | None, code: str
) -> None:
    key = world.objects.key(70000)
    if etag is None:
        del world.store.objects[key]
    elif etag == "forbidden":
        world.store.forbidden.add(key)
    else:
        world.store.objects[key] = (etag, b"another")
    assert world.run() is Bundled.COMPLETED
    assert_whole(world, left_out={70000: code})
    assert_ended(world)


@pytest.mark.parametrize("exact", [False, True])
def test_a_file_that_changes_while_it_is_copied_is_left_out_and_costs_its_own_archive_alone(
    exact: bool,
) -> None:
    files = FILES | {70007: b"b" * 900}
    world = World(files, NAMES, Sizes(archive=1, part=64), archives=FakeArchives(exact=exact))
    while not world.archives.objects:
        assert world.run(parts=1) is Bundled.CONTINUED
    first = dict(world.archives.objects)
    assert world.run(parts=1) is Bundled.CONTINUED
    world.store.objects[world.objects.key(70007)] = ("etag-new", b"b" * 90)
    assert world.run() is Bundled.COMPLETED
    assert first.items() <= world.archives.objects.items()
    assert_whole(world, left_out={70007: "CHANGED"})
    assert_ended(world)
    assert world.job.bundle
    assert world.job.bundle.left_out == 1


def test_files_that_all_change_while_they_are_copied_leave_no_bundle(world: World) -> None:
    for file_id in (70000, 70007):
        assert world.run(parts=1) is Bundled.CONTINUED
        world.store.objects[world.objects.key(file_id)] = ("etag-new", b"another")
    assert world.run() is Bundled.FAILED
    assert error(world) is BundleError.FILE_CHANGED
    assert_nothing_left(world)


def test_a_result_that_is_lost_between_two_runs_fails_the_bundle(world: World) -> None:
    assert world.run(parts=1) is Bundled.CONTINUED
    del world.jobs.files[world.job_id][70000]
    assert world.run() is Bundled.FAILED
    assert error(world) is BundleError.RESULTS_LOST
    assert_nothing_left(world)


def test_an_earlier_round_that_was_given_up_is_cleared_and_one_that_was_bundled_is_kept() -> None:
    world = World({70000: b"a" * 150, 70007: b"b" * 90}, NAMES, Sizes(archive=1, part=64))
    while not world.archives.objects:
        assert world.run(parts=1) is Bundled.CONTINUED
    late = world.task
    world.later(hours=7)
    ended = world.job.bundled(world.job.bundle.failed(BundleError.DEADLINE_EXCEEDED), world.now)  # type: ignore[union-attr] # it has one
    world.jobs.swap(world.job, ended)
    retry(world.job, Reopening(world.jobs, FakeQueue(), SCHEDULE, lambda _: None), world.now)
    assert world.run(task=late) is Bundled.CLEARED
    assert_nothing_left(world)
    assert world.run() is Bundled.COMPLETED
    assert world.run(task=late) is Bundled.NOTHING
    assert_whole(world)


def test_of_a_job_that_is_gone_the_archives_of_all_rounds_are_cleared_away(world: World) -> None:
    world.run()
    task = world.task
    retry(world.job, Reopening(world.jobs, FakeQueue(), SCHEDULE, lambda _: None), world.now)
    del world.jobs.jobs[world.job_id]
    assert world.run(task=replace(task, round=2)) is Bundled.CLEARED
    assert_nothing_left(world)


def test_a_table_that_is_away_at_the_last_try_leaves_the_bundle_to_the_sweeper(world: World) -> None:
    def away() -> None:
        raise StateUnavailableError

    assert world.run(Fuse(9, meanwhile=away), last_try=True) is Bundled.LEFT
    assert world.job.bundling
    world.later(minutes=4)
    assert world.run() is Bundled.COMPLETED
    assert_whole(world)


def test_an_archive_of_nothing_is_none(world: World) -> None:
    world.store.objects.clear()
    assert world.run() is Bundled.FAILED
    assert error(world) is BundleError.FILE_CHANGED
    assert_nothing_left(world)


def test_a_retry_makes_a_new_bundle_even_of_a_job_whose_files_are_all_ready() -> None:
    world = World({70000: b"a" * 150}, NAMES)
    first = world.task
    world.store.objects[world.objects.key(70000)] = ("etag-new", b"a" * 150)
    assert world.run() is Bundled.FAILED
    world.store.objects[world.objects.key(70000)] = ("etag-70000", b"a" * 150)
    retry(world.job, Reopening(world.jobs, FakeQueue(), SCHEDULE, lambda _: None), world.now)
    assert (world.job.round, world.job.bundle_due, world.job.status) == (2, True, "processing")
    world.later(hours=2)
    assert world.run(task=first) is Bundled.NOTHING
    assert world.run() is Bundled.COMPLETED
    assert_whole(world)
    assert_ended(world)


def test_a_message_of_a_round_that_is_over_takes_no_archive_away(world: World) -> None:
    world.run()
    assert world.run(task=BundleTask(world.job_id, 1)) is Bundled.NOTHING
    retry(world.job, Reopening(world.jobs, FakeQueue(), SCHEDULE, lambda _: None), world.now)
    assert world.job.bundle
    assert world.job.bundle.status is BundleStatus.PENDING
    assert world.run(task=BundleTask(world.job_id, 1)) is Bundled.NOTHING
    assert len(world.archives.objects) == 1


def test_the_sweeper_looks_at_a_bundle_that_nobody_began(world: World) -> None:
    assert world.job.check_at == NOW + NOTICE_GRACE
    assert request_bundle(world.job, world.queue)
    assert world.queue.sent == [world.task]
    world.run(parts=1)
    assert not request_bundle(world.job, world.queue)
