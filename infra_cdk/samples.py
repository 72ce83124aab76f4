"""Sample files: zip archives whose bytes follow from their id, so that a copy can be verified anywhere."""

import hashlib
import io
import random
import zipfile

KIB, MIB = 1024, 1024 * 1024

SIZES = {
    70000: 4 * KIB,
    70007: 64 * KIB,
    70014: 256 * KIB,
    70021: 1 * MIB,
    70028: 1 * MIB,
    70035: 2 * MIB,
    70042: 3 * MIB,
    70049: 5 * MIB,
    70056: 8 * MIB,
    70063: 12 * MIB,
    70070: 16 * MIB,
    70077: 20 * MIB,
    70091: 0,
    70098: 700,
}
"""Id to bytes of content; the archive around it adds some 130 bytes. 0 is an empty object, not an archive."""

NAMES = {
    70000: "Read me first",
    70007: "Price list",
    70014: "Station timetable",
    70021: "Rainfall, daily",
    70028: "Rainfall, hourly",
    70035: "Soil samples",
    70042: "River levels",
    70049: "Coastline, outline",
    70056: "Coastline, detailed",
    70063: "Elevation model",
    70070: "Aerial photos, east",
    70077: "Aerial photos, west",
}
"""What a page calls those that a person would pick."""

MISSING = 70084
"""An id that looks like the others and has no file."""


def sample(file_id: int) -> bytes:
    """The bytes of a sample file, the same on every machine and Python. KeyError for other ids."""
    size = SIZES[file_id]
    if size == 0:
        return b""
    content = random.Random(file_id).randbytes(size)  # noqa: S311 # reproducible, not secret
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr(zipfile.ZipInfo(f"{file_id}.bin", date_time=(2026, 1, 1, 0, 0, 0)), content)
    return archive.getvalue()


def sha256(content: bytes) -> str:
    """The digest in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
