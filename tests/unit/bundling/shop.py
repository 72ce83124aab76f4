"""A job whose files are ready to be bundled, and runs that can break off at any step."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile
from zlib import crc32

from downloads.bundle import BundleFormat, Sizes, wanted
from downloads.bundle_queue_ports import BundleTask
from downloads.file import ErrorCode, FailedFile, PreparedFile, StoredObject
from downloads.model import Job
from downloads.usecases.bindery import Bindery
from downloads.usecases.bundle import Bundled, bundle
from tests.bundle_fakes import AtOnce, FakeArchives, FakeBundleQueue, FakeCheckpoints, FakeFiles
from tests.conftest import NOW, a_job
from tests.fakes import FakeJobs, FakeObjects
from tests.unit.simulation.world import Fuse

ROOMY = Sizes(archive=10**9, part=64)


class NamedObjects(FakeObjects):
    """Files under names that the test chooses."""

    def __init__(self, names: Mapping[int, str]) -> None:
        super().__init__()
        self.names = names

    def key(self, file_id: int) -> str:
        return f"files/{file_id}/{self.names[file_id]}"


@dataclass
class World:
    """Everything that outlives a run."""

    files: dict[int, bytes | ErrorCode]
    names: dict[int, str]
    sizes: Sizes = ROOMY
    now: datetime = NOW
    store: FakeFiles = field(default_factory=FakeFiles)
    archives: FakeArchives = field(default_factory=FakeArchives)
    checkpoints: FakeCheckpoints = field(default_factory=FakeCheckpoints)
    queue: FakeBundleQueue = field(default_factory=FakeBundleQueue)
    runs: int = 0

    def __post_init__(self) -> None:
        self.objects = NamedObjects(self.names)
        self.jobs = FakeJobs(clock=NOW)
        job = a_job(total=len(self.files), bundle=wanted(BundleFormat.ZIP))
        self.job_id = job.job_id
        self.jobs.create(job, list(self.files))
        for file_id, data in self.files.items():
            self.jobs.record(job, [self._result(file_id, data)], NOW)

    @property
    def job(self) -> Job:
        return self.jobs.counted(self.jobs.jobs[self.job_id])

    @property
    def task(self) -> BundleTask:
        return BundleTask(self.job_id, self.job.round)

    def run(
        self,
        fuse: Fuse | None = None,
        parts: int | None = None,
        last_try: bool = False,
        task: BundleTask | None = None,
    ) -> Bundled:
        """One run, which has time for so many parts."""
        self.runs += 1
        left = iter(range(parts - 1) if parts is not None else iter(int, 1))
        return bundle(
            task or self.task,
            self.shop(fuse or Fuse(), lambda: next(left, None) is not None),
            last_try=last_try,
        )

    def shop(self, fuse: Fuse, time_left: Callable[[], bool]) -> Bindery:
        return Bindery(
            fuse.guard(self.jobs),
            self.objects,
            fuse.guard(self.store),
            fuse.guard(self.archives),
            fuse.guard(self.checkpoints),
            fuse.guard(self.queue),
            self.sizes,
            f"run-{self.runs}",
            lambda: self.now,
            time_left,
            AtOnce(),
            every=timedelta(),
        )

    def later(self, **more: float) -> None:
        self.now += timedelta(**more)
        self.jobs.clock = self.now

    def opened(self) -> list[dict[str, bytes]]:
        """What unzips from each archive, checked against its own checksums."""
        found = []
        for key in sorted(self.archives.objects):
            with ZipFile(BytesIO(self.archives.objects[key])) as archive:
                assert archive.testzip() is None
                assert all(info.compress_type == ZIP_STORED for info in archive.infolist())
                found.append({name: archive.read(name) for name in archive.namelist()})
        return found

    def _result(self, file_id: int, data: bytes | ErrorCode) -> PreparedFile | FailedFile:
        if isinstance(data, ErrorCode):
            return FailedFile(file_id, data)
        stored = StoredObject(self.objects.key(file_id), len(data), f"etag-{file_id}")
        self.store.objects[stored.key] = (stored.etag, data)
        return PreparedFile(file_id, stored)


def assert_whole(world: World, left_out: Mapping[int, str] | None = None) -> None:
    """Every file is in one archive, under a name of its own, and the manifests say so."""
    left_out = left_out or {}
    told: dict[int, bytes] = {}
    for contents in world.opened():
        manifest = json.loads(contents.pop("MANIFEST.json"))
        assert manifest["parts"] == len(world.archives.objects) == len(manifest["archives"])
        assert {each["name"] for each in manifest["files"]} == set(contents)
        for each in manifest["files"]:
            data = contents[each["name"]]
            assert (each["size"], each["crc32"]) == (len(data), f"{crc32(data):08x}")
            told[each["file_id"]] = data
        reasons = {each["file_id"]: each["errorCode"] for each in manifest["failed"]}
        assert (
            reasons.items()
            >= {
                file_id: data.value for file_id, data in world.files.items() if isinstance(data, ErrorCode)
            }.items()
        )
    ready = {file_id: data for file_id, data in world.files.items() if isinstance(data, bytes)}
    assert told == {file_id: data for file_id, data in ready.items() if file_id not in left_out}
    stands = world.checkpoints.standing(world.job_id, world.job.round)
    assert stands
    assert [archive.size for archive in stands.finished] == [
        len(world.archives.objects[key]) for key in sorted(world.archives.objects)
    ]


def assert_ended(world: World) -> None:
    """The job is completed with its bundle, and nothing unfinished lies around."""
    job = world.job
    assert (job.status.value, job.percentage) == ("completed", 100)
    assert job.bundle
    assert job.bundle.status.value == "completed"
    assert job.bundle.done == job.bundle.total == sum(map(len, world.archives.objects.values()))
    assert world.archives.uploads == {}


def with_etag(world: World, file_id: int, etag: str) -> None:
    """Somebody writes the file anew."""
    key = world.objects.key(file_id)
    world.store.objects[key] = (etag, world.store.objects[key][1])
