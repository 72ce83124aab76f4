"""Where a job's files stand on disk, and what is known of them from earlier runs.

A small ledger, `.delineate`, in the folder remembers which file each name belongs to, which version of the
object (its ETag) was, or is being, written, and what that was (its size and MD5). So an interrupted run is
taken up exactly where it stopped, two files of one name do not collide, and what somebody else put there, or
made of our file, is never overwritten. Several downloads, of several processes too, may share a folder.
"""

import hashlib
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ValidationError

from delineate import exclusive
from delineate.contracts import Link
from delineate.download.names import PART_SUFFIX, safe_name, with_id

LEDGER = ".delineate"
PLAIN_MD5 = re.compile(r"[0-9a-f]{32}")
BLOCK_BYTES = 1 << 20


class Entry(BaseModel):
    """One line of the ledger; `size`, `mtime_ns` and `md5` are of the file that was written, once done."""

    file_id: int
    name: str
    etag: str | None = None
    done: bool = False
    size: int | None = None
    mtime_ns: int | None = None
    md5: str | None = None

    def wrote(self, path: Path) -> bool:
        """Whether `path` holds just what was written, to our knowledge; it is read unless its times tell."""
        found = path.stat()
        if self.md5 is None or not path.is_file() or found.st_size != self.size:
            return False
        return found.st_mtime_ns == self.mtime_ns or md5_of(path).hexdigest() == self.md5


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
        self._read_to = 0
        self._entries: dict[int, Entry] = {}
        self._written: dict[tuple[int, str], Entry] = {}
        self._taken: dict[str, int] = {}

    def place(self, link: Link) -> Place:
        """Where `link`'s file goes, reserved against everybody else: the same name in every run."""
        with self._ledger():
            known = self._entries.get(link.file_id)
        if known is None:
            return self._new_place(link)
        path = self.folder / known.name
        if not path.exists():
            return Place(link.file_id, path, part_etag=known.etag)
        ours = self._is_ours(link.file_id, path)
        if _same(path, link) or (_unchanged(known, path, link) and (ours or known.md5 is None)):
            return Place(link.file_id, path, complete=True)
        if not ours:
            return self._new_place(link)
        return Place(link.file_id, path, part_etag=None if known.done else known.etag)

    @contextmanager
    def alone(self, place: Place, pause: Callable[[float], object]) -> Iterator[None]:
        """Hold this file's half against other downloads of it, once they have put it down."""
        lock = self.folder / f"{LEDGER}.{place.file_id}.lock"
        with exclusive.alone(lock, pause):
            try:
                yield
            finally:
                # Windows deletes nothing that is open: there it stays, and means nothing.
                with suppress(PermissionError):
                    lock.unlink()

    def begin(self, place: Place, etag: str | None) -> None:
        """Remember which version is being written at `place`."""
        with self._ledger() as write:
            write(Entry(file_id=place.file_id, name=place.path.name, etag=etag))

    def finish(self, link: Link, place: Place, etag: str | None, md5: str) -> Place:
        """Give the whole part of `place` its name: another one if somebody has put a file there meanwhile."""
        part = place.part
        if place.path.exists() and not self._is_ours(place.file_id, place.path):
            place = self._new_place(link)
        part.replace(place.path)
        self.remember(place, etag, md5)
        return place

    def remember(self, place: Place, etag: str | None, md5: str | None = None) -> None:
        """Remember which version the whole file at `place` is; without its MD5, the file is read for it."""
        known = self._entries.get(place.file_id)
        if known and (known.name, known.etag) == (place.path.name, etag) and known.wrote(place.path):
            return
        found = place.path.stat()
        entry = Entry(
            file_id=place.file_id,
            name=place.path.name,
            etag=etag,
            done=True,
            size=found.st_size,
            mtime_ns=found.st_mtime_ns,
            md5=md5 or md5_of(place.path).hexdigest(),
        )
        with self._ledger() as write:
            write(entry)

    def _new_place(self, link: Link) -> Place:
        for name in _candidates(safe_name(link.filename, link.file_id), link.file_id):
            path = self.folder / name
            there = path.exists()
            if there and not _same(path, link):
                continue
            with self._ledger() as write:
                if path.exists() is there and self._taken.get(name.casefold(), link.file_id) == link.file_id:
                    write(Entry(file_id=link.file_id, name=name))
                    return Place(link.file_id, path, complete=there)
        raise AssertionError("candidates never end")

    def _is_ours(self, file_id: int, path: Path) -> bool:
        written = self._written.get((file_id, path.name))
        return written is not None and written.wrote(path)

    @contextmanager
    def _ledger(self) -> Iterator[Callable[[Entry], None]]:
        """Alone with the ledger, having read what others have written; yields how to write to it."""
        path = self.folder / LEDGER
        with self._lock, exclusive.alone(path), path.open("r+b") as ledger:
            for entry in _entries(self._news(ledger)):
                self._take_in(entry)
            yield lambda entry: self._write(ledger, entry)
            self._read_to = ledger.seek(0, os.SEEK_END)

    def _news(self, ledger: BinaryIO) -> bytes:
        # Lines are only ever added; a ledger that is shorter now is another one.
        ledger.seek(self._read_to if ledger.seek(0, os.SEEK_END) >= self._read_to else 0)
        return ledger.read()

    def _write(self, ledger: BinaryIO, entry: Entry) -> None:
        if self._entries.get(entry.file_id) != entry:
            # The line break comes first: a line torn by a crash must not swallow this one.
            ledger.write(b"\n" + entry.model_dump_json(exclude_none=True).encode())
            self._take_in(entry)

    def _take_in(self, entry: Entry) -> None:
        self._entries[entry.file_id] = entry
        self._taken.setdefault(entry.name.casefold(), entry.file_id)
        if entry.done:
            self._written[entry.file_id, entry.name] = entry


def _candidates(name: str, file_id: int) -> Iterator[str]:
    yield name
    again = 0
    while True:
        yield with_id(name, file_id, again)
        again += 1


def _unchanged(known: Entry, path: Path, link: Link) -> bool:
    return known.done and link.etag in (None, known.etag) and link.size in (None, path.stat().st_size)


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


def _entries(lines: bytes) -> Iterator[Entry]:
    """The ledger's lines; a torn one, or one of another making, tells nothing."""
    for line in lines.decode(errors="replace").splitlines():
        try:
            entry = Entry.model_validate_json(line)
        except ValidationError:
            continue
        if entry.name == safe_name(entry.name, entry.file_id):
            yield entry
