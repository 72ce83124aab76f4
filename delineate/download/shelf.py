"""Where a job's files stand on disk, and what is known of them from earlier runs.

A small ledger, `.delineate`, in the folder remembers which file each name belongs to and which version of
the object (its ETag) was, or is being, written. So an interrupted run is taken up exactly where it stopped,
two files of one name do not collide, and a file somebody else put there is never overwritten.
"""

import hashlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError

from delineate.contracts import Link
from delineate.download.names import PART_SUFFIX, safe_name, with_id

LEDGER = ".delineate"
PLAIN_MD5 = re.compile(r"[0-9a-f]{32}")
BLOCK_BYTES = 1 << 20


class Entry(BaseModel):
    """One line of the ledger."""

    file_id: int
    name: str
    etag: str | None = None
    done: bool = False


@dataclass(frozen=True)
class Place:
    """Where one file belongs; `part_etag` is the version its unfinished half is of."""

    file_id: int
    path: Path
    complete: bool = False
    part_etag: str | None = None

    @property
    def part(self) -> Path:
        """Where the bytes are collected until they are all there."""
        return self.path.with_name(self.path.name + PART_SUFFIX)


class Shelf:
    """The folder that a job's files are written to; it is made when missing. Safe to share by threads."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = threading.Lock()
        lines = list(_read(folder / LEDGER))
        self._entries = {entry.file_id: entry for entry in lines}
        self._written = {(entry.file_id, entry.name) for entry in lines if entry.done}
        self._taken = {entry.name.casefold(): entry.file_id for entry in self._entries.values()}

    def place(self, link: Link) -> Place:
        """Where `link`'s file goes; the same name in every run."""
        with self._lock:
            known = self._entries.get(link.file_id)
        if known is None:
            return self._new_place(link)
        path = self.folder / known.name
        if known.done and path.is_file():
            unchanged = link.etag in (None, known.etag) and link.size in (None, path.stat().st_size)
            return Place(link.file_id, path, complete=unchanged)
        same = _same(path, link)
        if path.exists() and not same and (link.file_id, known.name) not in self._written:
            return self._new_place(link)
        return Place(link.file_id, path, complete=same, part_etag=known.etag)

    def record(self, place: Place, etag: str | None, done: bool = False) -> None:
        """Remember which version is being written at `place`, or was."""
        entry = Entry(file_id=place.file_id, name=place.path.name, etag=etag, done=done)
        with self._lock:
            if self._entries.get(place.file_id) == entry:
                return
            self._entries[place.file_id] = entry
            if done:
                self._written.add((place.file_id, place.path.name))
            with (self.folder / LEDGER).open("a", encoding="utf-8") as ledger:
                # The line break comes first: a line torn by a crash must not swallow this one.
                ledger.write("\n" + entry.model_dump_json())

    def _new_place(self, link: Link) -> Place:
        for name in _candidates(safe_name(link.filename, link.file_id), link.file_id):
            path = self.folder / name
            there = path.exists()
            if there and not _same(path, link):
                continue
            with self._lock:
                if self._taken.setdefault(name.casefold(), link.file_id) == link.file_id:
                    return Place(link.file_id, path, complete=there)
        raise AssertionError("candidates never end")


def _candidates(name: str, file_id: int) -> Iterator[str]:
    yield name
    again = 0
    while True:
        yield with_id(name, file_id, again)
        again += 1


def _same(path: Path, link: Link) -> bool:
    """Whether `path` holds the object for certain, by size and MD5; never where the ETag is no MD5.

    Of two objects of one length, nothing else tells which one a file is: only the ledger knows, by the ETag
    it was written from.
    """
    if not is_md5(link.etag) or not path.is_file() or link.size != path.stat().st_size:
        return False
    return md5_of(path).hexdigest() == link.etag


def is_md5(etag: str | None) -> bool:
    """Whether an ETag has the form of a plain MD5: not that of a multipart upload, which has a dash."""
    return bool(etag and PLAIN_MD5.fullmatch(etag))


def md5_of(path: Path | None) -> "hashlib._Hash":
    """The MD5 of what `path` holds so far, to be gone on with; of nothing without a path."""
    digest = hashlib.md5(usedforsecurity=False)
    if path is None:
        return digest
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest


def _read(ledger: Path) -> Iterator[Entry]:
    """The ledger's lines; a torn last line, or one of another making, tells nothing."""
    if not ledger.is_file():
        return
    for line in ledger.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entry = Entry.model_validate_json(line)
        except ValidationError:
            continue
        if entry.name == safe_name(entry.name, entry.file_id):
            yield entry
