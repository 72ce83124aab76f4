"""Bundles of any files, made in any number of runs, which break off anywhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

from downloads.bundle_ports import Sizes
from downloads.file import ErrorCode
from downloads.usecases.bundle import Bundled
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
ENDS = st.one_of(DEATHS, st.integers(0, 3).map(lambda parts: (Fuse(), parts)))
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
