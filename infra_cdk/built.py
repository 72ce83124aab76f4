"""Folders that are built from a lock file, and built again only when what they depend on changes."""

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from infra_cdk.commands import run

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


def install(lock: Path, venv: Path, *options: str) -> Path:
    """The folder of programs of a Python environment, installed by hash from its lock when that changed.

    Raises:
        CommandError: uv could not install the locked packages.
    """
    fingerprint = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()

    def make() -> None:
        run([UV, "venv", "--quiet", "--python", sys.executable, str(venv)])
        python = str(venv / "bin" / "python")
        run([UV, "pip", "sync", "--quiet", "--require-hashes", *options, "--python", python, str(lock)])

    return build_once(venv, fingerprint, make) / "bin"


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
