"""Which file goes where, and what is there already."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from delineate.contracts import Link
from delineate.download.shelf import LEDGER, Shelf

BODY = b"the bytes"
MD5 = hashlib.md5(BODY, usedforsecurity=False).hexdigest()


def link(file_id: int = 70000, name: str = "data.zip", size: int | None = len(BODY), etag: str = MD5) -> Link:
    return Link(file_id=file_id, downloadUrl="http://s3", size=size, etag=etag, filename=name)


def finish(shelf: Shelf, of: Link, body: bytes = BODY) -> Path:
    place = shelf.place(of)
    place.path.write_bytes(body)
    shelf.remember(place, of.etag)
    return place.path


def test_a_file_that_is_there_whole_is_complete(tmp_path: Path) -> None:
    (tmp_path / "data.zip").write_bytes(BODY)
    place = Shelf(tmp_path).place(link())
    assert place.complete
    assert place.path == tmp_path / "data.zip"


@pytest.mark.parametrize("other", [b"something longer", b"other one"])
def test_a_file_of_somebody_else_is_never_overwritten(tmp_path: Path, other: bytes) -> None:
    (tmp_path / "data.zip").write_bytes(other)
    place = Shelf(tmp_path).place(link())
    assert not place.complete
    assert place.path.name == "data-70000.zip"


@pytest.mark.parametrize("etag", ["d41d8cd98f00b204e9800998ecf8427e-3", "opaque"])
def test_a_file_of_equal_length_is_not_taken_for_ours_without_an_md5(tmp_path: Path, etag: str) -> None:
    (tmp_path / "data.zip").write_bytes(BODY)
    place = Shelf(tmp_path).place(link(etag=etag))
    assert (place.path.name, place.complete) == ("data-70000.zip", False)


def test_a_file_put_where_ours_was_unfinished_is_neither_taken_nor_overwritten(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.begin(shelf.place(link(etag="abc-3")), "abc-3")
    (tmp_path / "data.zip").write_bytes(BODY)
    place = Shelf(tmp_path).place(link(etag="abc-3"))
    assert (place.path.name, place.complete, place.part_etag) == ("data-70000.zip", False, None)


def test_our_older_version_is_replaced_even_after_an_interruption(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    path = finish(shelf, link(etag="abc-3"))
    shelf.begin(shelf.place(link(etag="abd-3")), "abd-3")
    place = Shelf(tmp_path).place(link(etag="abd-3"))
    assert (place.path, place.complete, place.part_etag) == (path, False, "abd-3")


def test_what_we_wrote_is_replaced_when_the_object_changed(tmp_path: Path) -> None:
    path = finish(Shelf(tmp_path), link())
    place = Shelf(tmp_path).place(link(etag="another"))
    assert (place.path, place.complete, place.part_etag) == (path, False, None)


def test_an_etag_that_is_no_md5_is_known_again(tmp_path: Path) -> None:
    finish(Shelf(tmp_path), link(etag="abc-2"))
    assert Shelf(tmp_path).place(link(etag="abc-2")).complete
    assert not Shelf(tmp_path).place(link(etag="abd-2")).complete


def test_a_file_cut_short_since_is_not_complete(tmp_path: Path) -> None:
    finish(Shelf(tmp_path), link()).write_bytes(BODY[:3])
    assert not Shelf(tmp_path).place(link()).complete


def test_two_files_of_one_name_stay_apart_in_every_run(tmp_path: Path) -> None:
    first, second = link(1), link(2, name="DATA.zip", etag="b-1")
    shelf = Shelf(tmp_path)
    names = [finish(shelf, each).name for each in (first, second)]
    assert names == ["data.zip", "DATA-2.zip"]
    again = Shelf(tmp_path)
    assert [again.place(each).path.name for each in (second, first)] == ["DATA-2.zip", "data.zip"]
    assert again.place(second).complete


def test_the_version_of_a_part_is_remembered(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.begin(shelf.place(link()), "v1")
    place = Shelf(tmp_path).place(link())
    assert (place.part_etag, place.part.name) == ("v1", "data.zip.part")


def test_a_torn_or_hostile_ledger_does_no_harm(tmp_path: Path) -> None:
    lines = ['{"file_id":70000,"name":"../../evil","done":true}', "nonsense", '{"file_id":700']
    (tmp_path / LEDGER).write_text("\n".join(lines))
    assert Shelf(tmp_path).place(link()).path == tmp_path / "data.zip"


def test_a_torn_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_text('{"file_id":700')
    shelf = Shelf(tmp_path)
    shelf.begin(shelf.place(link()), "v1")
    assert Shelf(tmp_path).place(link()).part_etag == "v1"


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "a" / "b").folder.is_dir()


def test_two_downloads_into_one_folder_reserve_names_apart(tmp_path: Path) -> None:
    shelves = [Shelf(tmp_path), Shelf(tmp_path)]
    first, second = (shelf.place(link(n, etag="a-2")) for n, shelf in enumerate(shelves))
    assert [first.path.name, second.path.name] == ["data.zip", "data-1.zip"]
    assert first.part != second.part
    assert [shelf.place(link(0)).path.name for shelf in shelves] == ["data.zip", "data.zip"]


def test_processes_reserve_names_apart(tmp_path: Path) -> None:
    program = f"""
import sys
from pathlib import Path
from tests.unit.delineate.test_client_shelf import Shelf, link
shelf, own = Shelf(Path({str(tmp_path)!r})), int(sys.argv[1]) * 100
sys.stdin.readline()
for n in range(own, own + 20):
    print(shelf.place(link(n, name=f"{{n % 100}}.zip", etag="a-2")).path.name)
"""
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    at_work = [
        subprocess.Popen([*command, str(n)], stdin=pipe, stdout=pipe, text=True, env=_seeing_the_tests())
        for n in (1, 2, 3)
    ]
    for process in at_work:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    names = [name for process in at_work for name in process.communicate(timeout=60)[0].split()]
    assert (len(names), len(set(names))) == (60, 60)


def _seeing_the_tests() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}


def test_a_half_is_written_by_one_download_at_a_time(tmp_path: Path) -> None:
    ours, theirs = Shelf(tmp_path), Shelf(tmp_path)
    place, put_down, order = ours.place(link()), threading.Event(), []

    def wait_for_it(_seconds: float) -> None:
        order.append("waits")
        put_down.set()

    with ours.alone(place, wait_for_it):
        other = threading.Thread(target=lambda: _take(theirs, order, wait_for_it))
        other.start()
        assert put_down.wait(20)
        order.append("put down")
    other.join(20)
    assert order[-1] == "taken"
    assert order.index("waits") < order.index("put down")
    assert [path.name for path in tmp_path.iterdir()] == [LEDGER]


def _take(shelf: Shelf, order: list[str], pause: Callable[[float], None]) -> None:
    with shelf.alone(shelf.place(link()), pause):
        order.append("taken")


@pytest.mark.parametrize("edited", [b"my own edit of it", b"THE BYTES"])
@pytest.mark.parametrize("etag", [MD5, "abc-2", "another-3"])
def test_what_a_person_made_of_our_file_is_kept(tmp_path: Path, edited: bytes, etag: str) -> None:
    path = finish(Shelf(tmp_path), link(etag="abc-2"))
    path.write_bytes(edited)
    os.utime(path, ns=(1, 1))
    place = Shelf(tmp_path).place(link(etag=etag))
    assert (place.path.name, place.complete) == ("data-70000.zip", False)
    assert path.read_bytes() == edited


def test_a_file_that_was_only_touched_is_still_ours(tmp_path: Path) -> None:
    path = finish(Shelf(tmp_path), link(etag="abc-2"))
    os.utime(path, ns=(1, 1))
    assert Shelf(tmp_path).place(link(etag="abc-2")).complete


def test_a_file_put_there_during_the_download_is_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    place = shelf.place(link(etag="abc-2"))
    place.part.write_bytes(BODY)
    place.path.write_bytes(b"somebody's")
    kept = shelf.finish(link(etag="abc-2"), place, "abc-2", MD5)
    assert (kept.path.name, kept.path.read_bytes()) == ("data-70000.zip", BODY)
    assert place.path.read_bytes() == b"somebody's"
    assert Shelf(tmp_path).place(link(etag="abc-2")).complete


def test_a_ledger_of_an_older_client_is_understood(tmp_path: Path) -> None:
    line = '{"file_id":70000,"name":"data.zip","etag":"abc-2","done":true}'
    (tmp_path / LEDGER).write_text(f"\n{line}")
    (tmp_path / "data.zip").write_bytes(BODY)
    assert Shelf(tmp_path).place(link(etag="abc-2")).complete
    assert Shelf(tmp_path).place(link(etag="abd-2")).path.name == "data-70000.zip"
