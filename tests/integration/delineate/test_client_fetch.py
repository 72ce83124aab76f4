"""One file to disk, from a storage that does everything a storage can do wrong."""

import hashlib
import threading
import time
from pathlib import Path

import pytest

from delineate.contracts import Link
from delineate.download.fetch import Fetch, storage_client
from delineate.download.shelf import Shelf
from delineate.errors import FileFault, Stopped
from tests.integration.delineate.fake_storage import BLOCK, FakeStorage, Object

BODY = bytes(range(256)) * 400
HALF = 50_000
OLD = b"x" * len(BODY)


class Bench:
    """A folder and a storage; every `get` is a run of its own, as a new process would be."""

    def __init__(self, storage: FakeStorage, folder: Path) -> None:
        self.storage = storage
        self.folder = folder
        self.fresh_links = 0
        self.positions: list[int] = []

    def fresh(self, file_id: int) -> Link:
        self.fresh_links += 1
        return self.link()

    def link(self, signature: str = "fresh", size: int | None = None) -> Link:
        held = self.storage.objects["f.zip"]
        url = self.storage.link("f.zip", signature)
        told = len(held.body) if size is None else size
        return Link(file_id=1, downloadUrl=url, size=told, etag=held.etag, filename="f.zip")

    def get(self, link: Link | None = None, stop: threading.Event | None = None) -> Path:
        shelf, link = Shelf(self.folder), link or self.link()
        place = shelf.place(link)
        with storage_client(1) as http:
            fetch = Fetch(
                http,
                shelf,
                self.fresh,
                stop or threading.Event(),
                lambda _, at: self.positions.append(at),
                0.001,
            )
            return fetch.run(link, place).path

    def leave_a_part(self, body: bytes, etag: str) -> None:
        shelf = Shelf(self.folder)
        place = shelf.place(self.link())
        place.part.write_bytes(body)
        shelf.begin(place, etag)

    @property
    def kept(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir() if path.name != ".delineate")


@pytest.fixture
def bench(storage: FakeStorage, tmp_path: Path) -> Bench:
    storage.put("f.zip", BODY)
    return Bench(storage, tmp_path)


def test_a_file_arrives_whole(bench: Bench) -> None:
    assert bench.get().read_bytes() == BODY
    assert bench.kept == ["f.zip"]
    assert bench.positions[-1] == len(BODY)


def test_a_complete_file_is_not_fetched_again(bench: Bench) -> None:
    bench.get()
    bench.get()
    assert bench.storage.asked["f.zip"] == 1


def test_an_empty_file_arrives(bench: Bench) -> None:
    bench.storage.put("f.zip", b"")
    assert bench.get().read_bytes() == b""
    assert bench.kept == ["f.zip"]


def test_a_part_is_gone_on_with(bench: Bench) -> None:
    bench.leave_a_part(BODY[:HALF], bench.link().etag or "")
    assert bench.get().read_bytes() == BODY
    assert bench.storage.ranges == [f"bytes={HALF}-"]
    assert bench.storage.conditions == [f'"{bench.link().etag}"']
    assert bench.positions[0] == HALF


def test_a_whole_part_is_only_renamed(bench: Bench) -> None:
    bench.leave_a_part(BODY, bench.link().etag or "")
    assert bench.get().read_bytes() == BODY
    assert bench.positions == []


@pytest.mark.parametrize("ignores_if_range", [False, True])
@pytest.mark.parametrize("held", [HALF, len(BODY) - 1])
def test_a_changed_object_starts_again(bench: Bench, ignores_if_range: bool, held: int) -> None:
    bench.leave_a_part(OLD[:held], "the-old-etag")
    bench.storage.objects["f.zip"].ignores_if_range = ignores_if_range
    assert bench.get().read_bytes() == BODY


def test_a_part_longer_than_the_object_starts_again(bench: Bench) -> None:
    bench.leave_a_part(OLD + OLD, bench.link().etag or "")
    bench.storage.objects["f.zip"].ignores_if_range = True
    assert bench.get().read_bytes() == BODY


def test_a_part_of_unknown_version_starts_again(bench: Bench) -> None:
    (bench.folder / "f.zip.part").write_bytes(OLD[:HALF])
    assert bench.get().read_bytes() == BODY
    assert bench.storage.ranges == [None]


def test_a_part_with_wrong_bytes_is_thrown_away(bench: Bench) -> None:
    bench.leave_a_part(OLD[:HALF], bench.link().etag or "")
    assert bench.get().read_bytes() == BODY
    assert bench.storage.ranges == [f"bytes={HALF}-", None]


def test_truncated_answers_are_gone_on_with(bench: Bench) -> None:
    bench.storage.objects["f.zip"].truncate = [BLOCK, 3 * BLOCK, 0]
    assert bench.get().read_bytes() == BODY
    assert bench.storage.ranges == [None, f"bytes={BLOCK}-", f"bytes={3 * BLOCK}-", f"bytes={3 * BLOCK}-"]


def test_an_answer_without_a_length_is_checked_by_the_contracts_size(bench: Bench) -> None:
    held = bench.storage.objects["f.zip"]
    held.lengthless, held.truncate = True, [HALF]
    assert bench.get().read_bytes() == BODY
    assert bench.storage.ranges == [None, f"bytes={HALF}-"]


def test_a_storage_that_always_breaks_off_at_one_place_is_given_up(bench: Bench) -> None:
    bench.storage.objects["f.zip"].truncate = [HALF] * 50
    with pytest.raises(FileFault, match="kept breaking off") as caught:
        bench.get()
    assert caught.value.code == "NETWORK"
    assert bench.kept == ["f.zip.part"]


def test_an_expired_link_is_replaced(bench: Bench) -> None:
    bench.storage.expired = {"old"}
    assert bench.get(bench.link("old")).read_bytes() == BODY
    assert bench.fresh_links == 1


def test_a_link_that_expires_halfway_is_replaced_and_the_part_kept(bench: Bench) -> None:
    held = bench.storage.objects["f.zip"]
    held.truncate = [HALF]
    bench.leave_a_part(BODY[:100], held.etag)
    held.refuse = [403]
    assert bench.get().read_bytes() == BODY
    assert bench.storage.ranges == ["bytes=100-", "bytes=100-", f"bytes={HALF}-"]
    assert bench.fresh_links == 1


def test_a_storage_that_refuses_every_link_is_given_up(bench: Bench) -> None:
    bench.storage.expired = {"fresh"}
    with pytest.raises(FileFault, match="refuses even fresh links") as caught:
        bench.get()
    assert caught.value.code == "FORBIDDEN"


def test_an_overloaded_storage_is_asked_again(bench: Bench) -> None:
    bench.storage.objects["f.zip"].refuse = [503, 500, 429]
    assert bench.get().read_bytes() == BODY


def test_a_vanished_object_says_so_at_once(bench: Bench) -> None:
    link = bench.link()
    del bench.storage.objects["f.zip"]
    with pytest.raises(FileFault, match="no longer in the storage"):
        bench.get(link)
    assert bench.storage.asked["f.zip"] == 1


def test_a_size_that_was_not_announced_is_refused(bench: Bench) -> None:
    with pytest.raises(FileFault, match="102400 bytes long, but 7 were announced") as caught:
        bench.get(bench.link(size=7))
    assert caught.value.code == "SIZE_MISMATCH"
    assert bench.kept == []


def test_bytes_that_do_not_match_the_md5_are_refused(bench: Bench) -> None:
    bench.storage.objects["f.zip"] = Object(BODY, etag=hashlib.md5(OLD, usedforsecurity=False).hexdigest())
    with pytest.raises(FileFault, match="announced MD5") as caught:
        bench.get()
    assert caught.value.code == "CORRUPT"
    assert bench.kept == []


def test_an_object_swapped_for_one_of_equal_length_is_refused(bench: Bench) -> None:
    link = bench.link()
    bench.leave_a_part(BODY[:HALF], link.etag or "")
    bench.storage.put("f.zip", OLD)
    with pytest.raises(FileFault, match="has changed since the job prepared it") as caught:
        bench.get(link)
    assert caught.value.code == "CHANGED"
    assert bench.kept == []


def test_where_the_storage_tells_no_etag_the_services_md5_counts(bench: Bench) -> None:
    link = bench.link()
    bench.storage.objects["f.zip"] = Object(BODY, tells_etag=False)
    assert bench.get(link).read_bytes() == BODY
    bench.storage.objects["f.zip"] = Object(OLD, tells_etag=False)
    (bench.folder / "f.zip").unlink()
    with pytest.raises(FileFault, match="announced MD5") as caught:
        bench.get(link)
    assert caught.value.code == "CORRUPT"
    assert bench.kept == []


@pytest.mark.parametrize("ids", [(1, 2), (1, 1)])
def test_two_downloads_into_one_folder_leave_both_files_whole(
    bench: Bench, storage: FakeStorage, ids: tuple[int, int]
) -> None:
    storage.flowing.clear()
    storage.put("1", BODY * 5, etag="a-2")
    storage.put("2", OLD * 5, etag="b-2")
    brought: list[tuple[int, Path]] = []

    def bring(file_id: int) -> None:
        shelf, held = Shelf(bench.folder), storage.objects[str(file_id)]
        url = storage.link(str(file_id), "fresh")
        link = Link(
            file_id=file_id, downloadUrl=url, size=len(held.body), etag=held.etag, filename="report.pdf"
        )
        with storage_client(1) as http:
            brought.append((file_id, Fetch(http, shelf, lambda _: link).run(link, shelf.place(link)).path))

    at_work = [threading.Thread(target=bring, args=(file_id,)) for file_id in ids]
    for thread in at_work:
        thread.start()
        while not list(bench.folder.glob("*.part")):
            time.sleep(0.01)
    storage.flowing.set()
    for thread in at_work:
        thread.join(20)
    assert len(brought) == 2
    assert all(path.read_bytes() == storage.objects[str(file_id)].body for file_id, path in brought)
    assert len(bench.kept) == len(set(ids)) == len({path for _, path in brought})


def test_the_etag_of_an_object_encrypted_by_kms_is_no_md5(bench: Bench) -> None:
    headers = {"x-amz-server-side-encryption-aws-kms-key-id": "key"}
    bench.storage.objects["f.zip"] = Object(BODY, etag="0" * 32, headers=headers)
    assert bench.get().read_bytes() == BODY
    bench.get()
    assert bench.storage.asked["f.zip"] == 1


def test_stopping_keeps_the_part_for_the_next_run(bench: Bench) -> None:
    # Long enough that after the half there is more to come, however it is cut into pieces.
    body = BODY * 5
    bench.storage.objects["f.zip"] = Object(body)
    stop = threading.Event()
    bench.positions = _StopsAt(stop, HALF)
    with pytest.raises(Stopped):
        bench.get(stop=stop)
    assert bench.kept == ["f.zip.part"]
    bench.positions = []
    assert bench.get().read_bytes() == body
    assert int((bench.storage.ranges[-1] or "").strip("bytes=-")) > HALF


class _StopsAt(list[int]):
    def __init__(self, stop: threading.Event, position: int) -> None:
        self._stop, self._position = stop, position

    def append(self, at: int) -> None:
        if at > self._position:
            self._stop.set()
