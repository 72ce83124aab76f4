"""The records of an archive, read by the standard library and by unzip."""

from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP64_LIMIT, ZipFile
from zlib import crc32

import pytest

from downloads.bundling import records

AT = datetime(2026, 11, 23, 12, 0, 2, tzinfo=UTC)
BEYOND = 5 * 10**9


class Sparse(BytesIO):
    """A file whose first bytes, of any number, are never looked at."""

    def __init__(self, hole: int, data: bytes) -> None:
        super().__init__(data)
        self.hole = hole

    def seek(self, place: int, whence: int = 0) -> int:
        return self.hole + super().seek(max(0, place - self.hole) if whence == 0 else place, whence)

    def tell(self) -> int:
        return self.hole + super().tell()


def test_an_archive_beyond_4_gib_opens_by_its_zip64_records() -> None:
    data = "dos ñandúes".encode()
    info = records.entry("año.txt", len(data), BEYOND, AT)
    info.CRC = crc32(data)
    tail = records.header(info) + data + records.descriptor(info)
    tail += records.directory([info], BEYOND + len(tail))
    with ZipFile(Sparse(BEYOND, tail)) as archive:
        (found,) = archive.infolist()
        assert (found.header_offset, found.filename, found.date_time) == (
            BEYOND,
            "año.txt",
            AT.timetuple()[:6],
        )
        assert archive.read(found) == data
        assert archive.testzip() is None
    assert b"PK\x06\x06" in tail


@pytest.mark.parametrize(("size", "large"), [(ZIP64_LIMIT, False), (ZIP64_LIMIT + 1, True)])
def test_only_what_is_large_has_records_of_64_bits(size: int, large: bool) -> None:
    info = records.entry("a", size, 0, AT)
    assert len(records.descriptor(info)) == (24 if large else 16)
    assert (b"\x01\x00\x10\x00" in records.header(info)) is large
    directory = records.directory([info], size)
    assert (size.to_bytes(8, "little") in directory) is large


def test_a_date_that_zip_cannot_tell_is_the_nearest_that_it_can() -> None:
    assert records.entry("a", 0, 0, datetime(1970, 1, 1, tzinfo=UTC)).date_time == records.EARLIEST
