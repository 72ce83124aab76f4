"""Folders that are built from a lock file, and built again only when what they depend on changes."""

import fcntl
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
UV = str(Path(sys.executable).parent / "uv")


def build_once(folder: Path, fingerprint: str, make: Callable[[], None]) -> Path:
    """The folder as `make` fills it; several processes may ask at once, one builds.

    A build that was interrupted leaves no mark and is made anew.
    """
    mark = folder.with_name(f"{folder.name}.fingerprint")
    with _only_one(folder):
        if folder.exists() and mark.exists() and mark.read_text() == fingerprint:
            return folder
        mark.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        make()
        mark.write_text(fingerprint)
    return folder


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
