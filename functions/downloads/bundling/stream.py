"""An archive as a stream of bytes that can go on from any byte, even in the middle of a file.

Where a record lies, and what it says, follows from the plan of the archive and the checksums of the files
before it. So a place in the stream is a number of bytes and those checksums: no library's own state.
"""

import io
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Protocol, Self
from zipfile import ZipInfo
from zlib import crc32

from downloads.bundle import MIB
from downloads.bundling import records
from downloads.bundling.contents import CHANGED, manifest
from downloads.bundling.volumes import MANIFEST, Member, Volume
from downloads.errors import FileChangedError, FileLostError, ObjectUnreadableError, StoreUnavailableError
from downloads.file import ErrorCode, StoredObject

# Read at once, at most.
CHUNK = MIB


class Body(Protocol):
    """The bytes of a file from some byte on."""

    def read(self, amount: int, /) -> bytes:
        """Up to so many of the next bytes; none at the end. Raises StoreUnavailableError."""

    def close(self) -> None:
        """Ends reading, whatever is left."""


class Nothing:
    """No bytes: an empty file, or one that is read to its end."""

    def read(self, _: int, /) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing."""


NOTHING = Nothing()
Open = Callable[[StoredObject, int], Body]


@dataclass(frozen=True, slots=True)
class Position:
    """A place in an archive: bytes before it, the CRC-32 of each file that is complete, that of the bytes
    of the file under way, and files that were left out, with the code why.
    """

    offset: int = 0
    crcs: tuple[int, ...] = ()
    crc: int = 0
    left_out: Mapping[int, str] = field(default_factory=dict)

    def on(self, amount: int) -> Self:
        return replace(self, offset=self.offset + amount)


class ArchiveStream:
    """Writes one archive from a position on; ``position`` is always behind the last byte that was taken.

    ``opened`` opens a file from a byte on. It raises ObjectUnreadableError or FileChangedError for what
    can't be had any more: such a file is left out, unless some of it was written; that raises FileLostError.
    """

    def __init__(self, volume: Volume, position: Position, opened: Open) -> None:
        self.position = position
        self._volume = volume
        self._opened = opened
        self._room = 0
        self._written: list[tuple[Member, ZipInfo]] = []
        self._flow = self._archive()

    def part(self, size: int) -> bytes:
        """The next bytes, ``size`` of them; fewer at the end, and none behind it.

        They are written into one buffer as they come, which becomes the answer: a part is in memory once.
        """
        buffer = io.BytesIO()
        self._room = size
        while self._room and (chunk := next(self._flow, b"")):
            self._room -= buffer.write(chunk)
        return buffer.getvalue()

    def close(self) -> None:
        """Ends reading the file under way."""
        self._flow.close()

    def _archive(self) -> Generator[bytes]:
        at = 0
        for member in self._volume.members:
            if member.file_id not in self.position.left_out:
                info = records.entry(member.name, member.stored.size, at, self._volume.created_at)
                yield from self._member(member, info)
                if member.file_id not in self.position.left_out:
                    self._written.append((member, info))
                    at += len(records.header(info)) + info.file_size + len(records.descriptor(info))
        infos = [info for _, info in self._written]
        contents = manifest(self._volume, self._written, self.position.left_out)
        last = records.entry(MANIFEST, len(contents), at, self._volume.created_at)
        last.CRC = crc32(contents)
        end = records.header(last) + contents + records.descriptor(last)
        end += records.directory([*infos, last], at + len(end))
        yield from self._fixed(end, at)

    def _member(self, member: Member, info: ZipInfo) -> Generator[bytes]:
        done = len(self._written)
        if done < len(self.position.crcs):
            info.CRC = self.position.crcs[done]
            return
        header, at = records.header(info), info.header_offset
        # Opened before its header is written: until then it can be left out.
        body = self._body(member, at, at + len(header))
        if member.file_id in self.position.left_out:
            return
        with closing(body):
            yield from self._fixed(header, at)
            yield from self._bytes(body, at + len(header) + info.file_size)
        info.CRC = self.position.crc
        yield from self._fixed(records.descriptor(info), at + len(header) + info.file_size)
        self.position = replace(self.position, crcs=(*self.position.crcs, info.CRC), crc=0)

    def _body(self, member: Member, at: int, first: int) -> Body:
        """The rest of a file whose record lies ``at``, and its bytes from ``first`` on."""
        start = max(0, self.position.offset - first)
        if start >= member.stored.size:
            return NOTHING
        try:
            return self._opened(member.stored, start)
        except (FileChangedError, ObjectUnreadableError) as error:
            code = error.code.value if isinstance(error, ObjectUnreadableError) else CHANGED
            if self.position.offset > at:
                raise FileLostError(member.file_id, code) from error
        left_out = {**self.position.left_out, member.file_id: code}
        self.position = replace(self.position, left_out=left_out)
        return NOTHING

    def _bytes(self, body: Body, end: int) -> Generator[bytes]:
        while self.position.offset < end:
            chunk = body.read(min(end - self.position.offset, self._room, CHUNK))
            if not chunk:
                # It broke off: the next run goes on from the last part.
                raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE)
            self.position = replace(self.position.on(len(chunk)), crc=crc32(chunk, self.position.crc))
            yield chunk

    def _fixed(self, piece: bytes, at: int) -> Generator[bytes]:
        """What is left of a piece that lies at ``at``."""
        while (done := self.position.offset - at) < len(piece):
            chunk = piece[done : done + self._room]
            self.position = self.position.on(len(chunk))
            yield chunk
