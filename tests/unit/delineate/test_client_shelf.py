"""Which file goes where, and what is there already."""

import hashlib
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
    shelf.record(place, of.etag, done=True)
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
    shelf.record(shelf.place(link(etag="abc-3")), "abc-3")
    (tmp_path / "data.zip").write_bytes(BODY)
    place = Shelf(tmp_path).place(link(etag="abc-3"))
    assert (place.path.name, place.complete, place.part_etag) == ("data-70000.zip", False, None)


def test_our_older_version_is_replaced_even_after_an_interruption(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    path = finish(shelf, link(etag="abc-3"))
    shelf.record(shelf.place(link(etag="abd-3")), "abd-3")
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
    shelf.record(shelf.place(link()), "v1")
    place = Shelf(tmp_path).place(link())
    assert (place.part_etag, place.part.name) == ("v1", "data.zip.part")


def test_a_torn_or_hostile_ledger_does_no_harm(tmp_path: Path) -> None:
    lines = ['{"file_id":70000,"name":"../../evil","done":true}', "nonsense", '{"file_id":700']
    (tmp_path / LEDGER).write_text("\n".join(lines))
    assert Shelf(tmp_path).place(link()).path == tmp_path / "data.zip"


def test_a_torn_line_does_not_swallow_the_next(tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_text('{"file_id":700')
    shelf = Shelf(tmp_path)
    shelf.record(shelf.place(link()), "v1")
    assert Shelf(tmp_path).place(link()).part_etag == "v1"


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert Shelf(tmp_path / "a" / "b").folder.is_dir()
