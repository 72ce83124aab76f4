"""File names that any system can write, and that tell the files of a job apart. Standard library only."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath

LONGEST_BYTES = 200
# What Windows and macOS refuse, besides what would leave the folder.
FORBIDDEN = re.compile(r'[<>:"|?*]')
RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe_name(name: str, file_id: int) -> str:
    """A plain file name of at most 200 bytes: no folders, no hidden file, nothing a system refuses.

    What remains of a name that was only such things is the file's id. A name that is plain stays as it is.
    """
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(letter if letter.isprintable() else "_" for letter in last)
    plain = FORBIDDEN.sub("_", shown).strip(" ").lstrip(".").strip(" ").rstrip(". ")
    if RESERVED.match(plain):
        plain = f"_{plain}"
    return _shortened(plain).rstrip(". ") or str(file_id)


def told_apart(names: Mapping[int, str], reserved: Collection[str] = ()) -> dict[int, str]:
    """The names by file id, each once: those that share one all get their id, ``report-70000.pdf``.

    So does one that shares a ``reserved`` name, which is something else's. Names that a system may take for
    the same, by case or by how an accent is written, count as shared. It depends on all names together
    alone, never on what is ready.
    """
    shared = Counter(map(_folded, [*names.values(), *reserved]))
    taken = set(shared)
    apart: dict[int, str] = {}
    for file_id in sorted(names):
        name, again = names[file_id], 0
        if shared[_folded(name)] > 1:
            while _folded(name) in taken:
                name, again = _with_id(names[file_id], file_id, again), again + 1
            taken.add(_folded(name))
        apart[file_id] = name
    return apart


def _with_id(name: str, file_id: int, again: int) -> str:
    path = PurePosixPath(name)
    number = f"-{again}" if again else ""
    return f"{path.stem}-{file_id}{number}{path.suffix}"


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _shortened(name: str) -> str:
    if len(name.encode()) <= LONGEST_BYTES:
        return name
    suffix = PurePosixPath(name).suffix.encode()[:20]
    stem = name.encode()[: LONGEST_BYTES - len(suffix)]
    return stem.decode(errors="ignore") + suffix.decode(errors="ignore")
