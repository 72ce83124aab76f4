"""The records of a ZIP archive around the bytes of its files, by the standard library's ``zipfile``.

Files are stored, not deflated. What a file's checksum is shows at its end, so that a data descriptor
follows it (APPNOTE.TXT 4.3.9), as ``zipfile`` itself has it for a stream that cannot seek. ZIP64 is used
only where a size or an offset needs it: some readers know no more than that.
"""

import io
import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zipfile import ZIP64_LIMIT, ZipFile, ZipInfo

# APPNOTE.TXT 4.4.4: bit 3 says that a data descriptor follows.
DESCRIBED = 0x08
SIGNATURE = 0x08074B50
READABLE = 0o644 << 16
EARLIEST, LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


def entry(name: str, size: int, offset: int, at: datetime) -> ZipInfo:
    """A file whose local header lies at ``offset``; its CRC-32 is not known yet."""
    moment = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    info = ZipInfo(name, min(max(moment, EARLIEST), LATEST))
    info.flag_bits, info.external_attr = DESCRIBED, READABLE
    info.file_size = info.compress_size = size
    info.header_offset, info.CRC = offset, 0
    return info


def header(info: ZipInfo) -> bytes:
    """The local header, which stands before the file's bytes."""
    return info.FileHeader(zip64=_large(info))


def descriptor(info: ZipInfo) -> bytes:
    """What stands behind the file's bytes; its length does not depend on the checksum."""
    form = "<LLQQ" if _large(info) else "<LLLL"
    return struct.pack(form, SIGNATURE, info.CRC, info.compress_size, info.file_size)


def directory(infos: Sequence[ZipInfo], offset: int) -> bytes:
    """The central directory and the end of an archive, to be written at ``offset``."""
    tail = _Tail()
    with ZipFile(tail, "w") as archive:
        archive.infolist().extend(infos)
        archive.start_dir = tail.at = offset
    return bytes(tail.written)


def _large(info: ZipInfo) -> bool:
    return info.file_size > ZIP64_LIMIT


class _Tail(io.RawIOBase):
    """Keeps what is written from a place on, and cannot seek: zipfile takes ``tell`` for granted."""

    def __init__(self) -> None:
        super().__init__()
        self.at = 0
        self.written = bytearray()

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def write(self, data: Any) -> int:
        self.written += data
        self.at += len(memoryview(data))
        return len(memoryview(data))
