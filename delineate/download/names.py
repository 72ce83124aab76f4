"""File names that come from elsewhere, made safe to write."""

import re
from pathlib import PurePosixPath

PART_SUFFIX = ".part"
LONGEST_BYTES = 200
# What Windows and macOS refuse, besides what would leave the folder.
FORBIDDEN = re.compile(r'[<>:"|?*\x7f]')
RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_name(name: str | None, file_id: int) -> str:
    """A plain file name of at most 200 bytes: no folders, no hidden file, nothing a system refuses.

    What remains of a name that was only such things is the file's id.
    """
    last = re.split(r"[/\\]", name or "")[-1]
    shown = "".join(c if c.isprintable() else "_" for c in last)
    plain = FORBIDDEN.sub("_", shown).strip(" ").lstrip(".").rstrip(". ")
    if RESERVED.match(plain):
        plain = f"_{plain}"
    if plain.lower().endswith(PART_SUFFIX):
        # It would be taken for the unfinished half of another file.
        plain = f"{plain}_"
    return _shortened(plain) or str(file_id)


def with_id(name: str, file_id: int, again: int = 0) -> str:
    """`name` told apart by the file's id: `report.pdf` becomes `report-70000.pdf`."""
    path = PurePosixPath(name)
    number = f"-{again}" if again else ""
    return f"{path.stem}-{file_id}{number}{path.suffix}"


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    suffix = PurePosixPath(name).suffix.encode()[:20]
    stem = name.encode()[: LONGEST_BYTES - len(suffix)]
    return stem.decode(errors="ignore") + suffix.decode(errors="ignore")
