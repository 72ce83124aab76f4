"""How much of a bundle is in memory at once, however large it is."""

import tracemalloc
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zlib import crc32

from downloads.bundle import MIB, Sizes
from downloads.bundle_ports import Part, Whole
from downloads.bundling.stream import CHUNK, ArchiveStream, Position
from downloads.bundling.volumes import Member, Volume
from downloads.file import PreparedFile, StoredObject
from downloads.usecases.bundle import Bundled, bundle
from tests.bundle_fakes import FakeArchives
from tests.unit.bundling.shop import World
from tests.unit.simulation.world import Fuse

SIZE, PART = 300 * MIB, 8 * MIB


@dataclass
class Endless:
    """A file of one byte again and again, made as it is read."""

    left: int

    def read(self, amount: int, /) -> bytes:
        taken = min(amount, self.left)
        self.left -= taken
        return b"\x5a" * taken

    def close(self) -> None:
        """Nothing."""


class EndlessFiles:
    def open(self, stored: StoredObject, start: int) -> Endless:
        return Endless(stored.size - start)


@dataclass
class Forgetful(FakeArchives):
    """Keeps the sizes of parts and their checksums."""

    kept: list[Part] = field(default_factory=list)

    def upload(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        self.kept.append(Part(number, len(data), f"{crc32(data):08x}"))
        return self.kept[-1].etag

    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        return self.kept

    def complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> Whole:
        return Whole(sum(part.size for part in parts), "etag")


def test_memory_holds_few_parts_whatever_the_size() -> None:
    world = World({70000: b"x"}, {70000: "large.bin"}, Sizes(10**12, PART))
    large = PreparedFile(70000, StoredObject("large.bin", SIZE, "etag"))
    world.jobs.files[world.job_id][70000] = (1, large)
    kept = Forgetful()
    with ThreadPoolExecutor(max_workers=1) as pool:
        shop = replace(world.shop(Fuse(), lambda: True), archives=kept, files=EndlessFiles(), pool=pool)
        tracemalloc.start()
        try:
            outcome = bundle(world.task, shop, last_try=False)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert outcome is Bundled.COMPLETED
    assert sum(part.size for part in kept.kept) > SIZE
    # The part that is uploaded, the one that is read, and the chunk that is on its way into it.
    assert most < 2 * PART + 4 * CHUNK


def test_a_part_is_as_large_as_ten_thousand_of_them_need() -> None:
    stored = StoredObject("k", 10**12, "e")
    volume = Volume("j", 1, datetime(2026, 1, 1, tzinfo=UTC), 1, ("j.zip",), [Member(1, "k", stored)])
    assert volume.part_bytes(16 * MIB) * 10_000 >= volume.size
    assert volume.part_bytes(16 * MIB) % MIB == 0
    assert volume.part_bytes(200 * MIB) == 200 * MIB


def test_a_stream_that_is_given_up_ends_reading() -> None:
    world = World({70000: b"x" * 500}, {70000: "a"})
    stored = StoredObject(world.objects.key(70000), 500, "etag-70000")
    volume = Volume("j", 1, world.now, 1, ("j.zip",), [Member(70000, "a", stored)])
    stream = ArchiveStream(volume, Position(), world.store.open)
    stream.part(100)
    assert not world.store.bodies[0].closed
    stream.close()
    assert world.store.bodies[0].closed
