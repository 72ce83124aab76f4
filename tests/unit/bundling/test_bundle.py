"""Bundles of any files, made in any number of runs, which break off anywhere."""

from contextlib import suppress
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downloads.bundle import BundleError, Sizes
from downloads.bundling.plan import FORMAT
from downloads.bundling.stream import ArchiveStream, Position
from downloads.bundling.volumes import Member, Missing, Volume
from downloads.file import ErrorCode, PreparedFile, StoredObject
from downloads.usecases.bundle import Bundled
from tests.bundle_fakes import FakeFiles
from tests.conftest import NOW
from tests.unit.bundling.shop import World, assert_ended, assert_whole
from tests.unit.simulation.world import CrashError, Fuse

NAMES = st.sampled_from(
    ["a.txt", "A.TXT", "año.zip", "MANIFEST.json", "manifest.JSON", "..", "b/c", "x" * 300]
)
CONTENTS = st.one_of(
    st.binary(max_size=200), st.just(ErrorCode.NOT_FOUND), st.sampled_from([b"", b"y" * 64, b"z" * 63])
)
# A run dies at its n-th call to the outside, before or after it; or it has time for so many parts.
DEATHS = st.builds(Fuse, st.integers(1, 60), st.booleans()).map(lambda fuse: (fuse, None))
ENDS = st.one_of(DEATHS, st.integers(1, 3).map(lambda parts: (Fuse(), parts)))
FILES = st.lists(st.tuples(CONTENTS, NAMES), min_size=1, max_size=5)


def a_world(files: list[tuple[bytes | ErrorCode, str]], part: int = 64, archive: int = 10**9) -> World:
    ids = range(70000, 70000 + len(files))
    contents = {file_id: data for file_id, (data, _) in zip(ids, files, strict=True)}
    names = {file_id: name for file_id, (_, name) in zip(ids, files, strict=True)}
    return World(contents, names, Sizes(archive, part))


def test_a_bundle_is_one_archive_of_all_that_is_ready() -> None:
    world = a_world([(b"one", "a.txt"), (ErrorCode.FORBIDDEN, "b.txt"), (b"", "c.txt")])
    assert world.job.bundle_due
    assert world.run() is Bundled.COMPLETED
    assert_whole(world)
    assert_ended(world)


@settings(max_examples=150)
@given(
    files=FILES,
    part=st.integers(30, 300),
    archive=st.sampled_from([1, 1500, 10**9]),
    ends=st.lists(ENDS, max_size=12),
)
def test_however_runs_end_the_archive_is_whole(
    files: list[tuple[bytes | ErrorCode, str]], part: int, archive: int, ends: list[tuple[Fuse, int | None]]
) -> None:
    world = a_world(files, part, archive)
    if not world.job.bundling:
        assert all(isinstance(data, ErrorCode) for data, _ in files)
        return
    for fuse, parts in ends:
        try:
            world.run(fuse, parts)
        except CrashError:
            world.later(minutes=4)
    world.later(minutes=4)
    world.run()
    assert_whole(world)
    assert_ended(world)


TWO = [(b"a" * 150, "a.txt"), (b"b" * 90, "b.txt"), (b"", "c.txt")]
# Calls to the outside of a run that makes a bundle of TWO alone; the last of them ends the job.
STEPS = 97


@pytest.mark.parametrize("step", range(1, STEPS))
@pytest.mark.parametrize("after", [False, True])
def test_a_run_beside_another_does_no_harm(step: int, after: bool) -> None:
    world = a_world(TWO)
    others: list[Bundled] = []
    twice = Fuse(step, after, meanwhile=lambda: others.append(world.run()))
    outcome = world.run(twice)
    assert {outcome, *others} <= {Bundled.COMPLETED, Bundled.BUSY, Bundled.NOTHING}
    assert_whole(world)
    assert_ended(world)


@pytest.mark.parametrize("step", range(1, STEPS))
@pytest.mark.parametrize("parts", [1, None])
def test_a_run_that_lost_its_lease_spoils_nothing(step: int, parts: int | None) -> None:
    world = a_world(TWO)

    def stalled() -> None:
        world.later(minutes=4)
        world.run(parts=parts)

    world.run(Fuse(step, meanwhile=stalled))
    world.later(minutes=4)
    world.run()
    assert_whole(world)
    assert_ended(world)


def test_a_crash_at_every_step_is_made_good_by_the_next_run() -> None:
    for step in range(1, STEPS):
        for after in (False, True):
            world = a_world(TWO)
            with suppress(CrashError):
                world.run(Fuse(step, after))
            world.later(minutes=4)
            world.run()
            assert_whole(world)
            assert_ended(world)


def test_a_part_that_is_not_the_one_that_was_written_is_noticed() -> None:
    world = a_world(TWO)
    assert world.run(parts=1) is Bundled.CONTINUED
    ((_, parts),) = world.archives.uploads.values()
    parts[1] = b"x" * len(parts[1])
    assert world.run() is Bundled.FAILED
    assert world.job.bundle
    assert world.job.bundle.error is BundleError.UPLOAD_LOST
    assert (world.archives.uploads, world.archives.objects) == ({}, {})


def test_a_run_that_got_on_before_a_fault_goes_on_and_counts_no_try() -> None:
    world = a_world(TWO)
    world.store.breaks_after = 100
    assert world.run(last_try=True) is Bundled.CONTINUED
    world.store.breaks_after = None
    assert world.run() is Bundled.COMPLETED
    assert_whole(world)


def test_a_run_that_did_not_get_on_is_tried_again_until_the_last_try() -> None:
    world = a_world(TWO)
    world.store.breaks_after = 10
    assert [world.run(), world.run()] == [Bundled.AGAIN, Bundled.AGAIN]
    assert world.run(last_try=True) is Bundled.FAILED
    job = world.job
    assert (job.status, job.bundle and job.bundle.error) == ("completed", BundleError.STORAGE_UNAVAILABLE)
    assert (world.archives.uploads, world.archives.objects) == ({}, {})


def test_large_bundles_are_several_archives_each_whole_by_itself() -> None:
    world = a_world([(b"x" * 900, "a"), (b"y" * 900, "b"), (b"z" * 9000, "c"), (b"w", "d")], archive=4000)
    assert world.run() is Bundled.COMPLETED
    assert [len(contents) - 1 for contents in world.opened()] == [2, 1, 1]
    assert_whole(world)
    names = sorted(key.rsplit("/", 1)[1] for key in world.archives.objects)
    assert names == [f"{world.job_id}-{part}of3.zip" for part in (1, 2, 3)]


def test_settings_that_change_meanwhile_change_no_bundle_under_way() -> None:
    world = a_world(TWO, part=64)
    assert world.run(parts=1) is Bundled.CONTINUED
    world.sizes = Sizes(archive=10, part=1000)
    assert world.run() is Bundled.COMPLETED
    assert len(world.archives.objects) == 1
    assert_whole(world)


def test_a_plan_that_changes_between_two_runs_begins_anew() -> None:
    """Another release, another KEY_TEMPLATE: half an archive of each would be none."""
    for archive in (1, 10**9):
        world = a_world(TWO, archive=archive)
        for _ in range(4):
            assert world.run(parts=1) is Bundled.CONTINUED
        world.names.update({70000: "file-a.txt", 70001: "file-b.txt"})
        assert world.run() is Bundled.COMPLETED
        assert_whole(world)
        assert_ended(world)
        assert "file-a.txt" in world.opened()[0]


@pytest.mark.parametrize("step", range(1, 25))
def test_a_run_of_another_plan_that_lost_its_lease_throws_nothing_away(step: int) -> None:
    world = a_world(TWO, archive=1)
    for _ in range(4):
        assert world.run(parts=1) is Bundled.CONTINUED
    world.names.update({70000: "file-a.txt", 70001: "file-b.txt"})

    def stalled() -> None:
        world.later(minutes=4)
        world.run()

    world.run(Fuse(step, meanwhile=stalled))
    world.later(minutes=4)
    world.run()
    assert_whole(world)
    assert_ended(world)


def test_another_form_of_archive_has_another_number() -> None:
    """Whoever changes a byte of it raises FORMAT, so that no archive that is under way is half of each."""
    stored, store = StoredObject("a.txt", 1, "etag"), FakeFiles({"a.txt": ("etag", b"a")})
    missing = [Missing(70001, "b.txt", "NOT_FOUND")]
    volume = Volume("j", 1, NOW, 1, ("j.zip",), [Member(70000, "a.txt", stored)], missing)
    data = ArchiveStream(volume, Position(), store.open).part(10_000)
    assert (FORMAT, f"{crc32(data):08x}") == (1, "b06fc802")


def test_progress_is_told_in_bytes_and_never_goes_back() -> None:
    world = a_world(TWO)
    seen = [world.job.percentage]
    while world.run(parts=1) is Bundled.CONTINUED:
        seen.append(world.job.percentage)
    assert seen[0] == 50
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert world.job.percentage == 100


def test_a_file_too_large_for_any_upload_is_told() -> None:
    world = a_world([(b"x", "a")])
    huge = PreparedFile(70000, StoredObject("k", 10**12, "e"))
    world.jobs.files[world.job_id][70000] = (1, huge)
    assert world.run() is Bundled.FAILED
    assert world.job.bundle
    assert world.job.bundle.error is BundleError.TOO_LARGE


def test_the_others_are_bundled_and_the_manifest_tells_of_what_is_too_large() -> None:
    world = a_world([(b"x", "a"), (b"small", "b")])
    huge = PreparedFile(70000, StoredObject("k", 10**12, "e"))
    world.jobs.files[world.job_id][70000] = (1, huge)
    assert world.run() is Bundled.COMPLETED
    assert_whole(world, left_out={70000: "TOO_LARGE"})
    assert_ended(world)
    assert world.job.bundle
    assert world.job.bundle.left_out == 1
