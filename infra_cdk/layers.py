"""The dependency layer: third-party packages from the lock file, built for where the functions will run."""

import compileall
import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

LAYER = Path(__file__).parents[1] / "layers" / "dependencies"
LOCK = LAYER / "requirements.txt"
BUILD = LAYER / "build"


@dataclass(frozen=True)
class Target:
    """A place where functions run. `compiled` where the Python that builds is the Python that runs."""

    name: str
    options: tuple[str, ...]
    compiled: bool


HOST = Target("host", ("--python", sys.executable), compiled=True)
LAMBDA = Target(
    "lambda",
    ("--python-platform", "aarch64-manylinux_2_28", "--python-version", "3.14", "--only-binary", ":all:"),
    compiled=False,
)


def install_command(target: Target, folder: Path) -> list[str]:
    """The command that installs the locked packages, by hash, into `folder`."""
    uv = str(Path(sys.executable).parent / "uv")
    options = [
        "--require-hashes",
        "--no-compile-bytecode",
        "--requirements",
        str(LOCK),
        "--target",
        str(folder),
    ]
    return [uv, "pip", "install", "--quiet", *options, *target.options]


def fingerprint(target: Target) -> str:
    """What the built layer depends on: the lock, the options, and the building Python where it compiles."""
    python = sys.version if target.compiled else ""
    return hashlib.sha256(LOCK.read_bytes() + repr((target, python)).encode()).hexdigest()


def build(target: Target) -> Path:
    """The folder of the layer for a target, built again only when its fingerprint changed.

    Raises:
        subprocess.CalledProcessError: uv could not install the locked packages.
    """
    folder, mark = BUILD / target.name, BUILD / f"{target.name}.fingerprint"
    with _only_one(target):
        if folder.exists() and mark.exists() and mark.read_text() == fingerprint(target):
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        mark.unlink(missing_ok=True)
        packages = folder / "python"
        subprocess.run(install_command(target, packages), check=True)  # noqa: S603 - our own words
        _trim(packages)
        if target.compiled:
            _compile(packages)
        mark.write_text(fingerprint(target))
    return folder


@contextmanager
def _only_one(target: Target) -> Iterator[None]:
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{target.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _trim(packages: Path) -> None:
    # Scripts and typing stubs are never imported; dist-info stays, for packages ask for their own version.
    shutil.rmtree(packages / "bin", ignore_errors=True)
    (packages / ".lock").unlink(missing_ok=True)
    for stub in packages.rglob("*.pyi"):
        stub.unlink()


def _compile(packages: Path) -> None:
    # A zip rounds time stamps, so pyc files checked by time stamp would count as stale in every worker.
    mode = PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(packages, quiet=2, invalidation_mode=mode, stripdir=str(packages))


if __name__ == "__main__":
    for wanted in (HOST, LAMBDA):
        sys.stdout.write(f"{build(wanted)}\n")
