"""The dependency layer: third-party packages from the lock file, built for where the functions will run."""

import compileall
import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

from infra_cdk.built import ROOT, UV, build_once
from infra_cdk.commands import run

LAYER = ROOT / "layers" / "dependencies"
LOCK = LAYER / "requirements.txt"


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
    options = [
        "--require-hashes",
        "--no-compile-bytecode",
        "--requirements",
        str(LOCK),
        "--target",
        str(folder),
    ]
    return [UV, "pip", "install", "--quiet", *options, *target.options]


def fingerprint(target: Target) -> str:
    """What the built layer depends on: the lock, the options, and the building Python where it compiles."""
    python = sys.version if target.compiled else ""
    return hashlib.sha256(LOCK.read_bytes() + repr((target, python)).encode()).hexdigest()


def build(target: Target) -> Path:
    """The folder of the layer for a target, built again only when its fingerprint changed.

    Raises:
        CommandError: uv could not install the locked packages.
    """
    folder = LAYER / "build" / target.name
    return build_once(folder, fingerprint(target), lambda: _make(target, folder / "python"))


def _make(target: Target, packages: Path) -> None:
    run(install_command(target, packages))
    trim(packages)
    if target.compiled:
        compile_packages(packages)


def trim(packages: Path) -> None:
    """Remove what no function ever imports."""
    # Only scripts and stubs: packages ask for their own version in dist-info, and serve assets.
    shutil.rmtree(packages / "bin", ignore_errors=True)
    (packages / ".lock").unlink(missing_ok=True)
    for stub in packages.rglob("*.pyi"):
        stub.unlink()


def compile_packages(packages: Path) -> None:
    """Write bytecode that Python trusts without a look at its source."""
    # A zip rounds time stamps, so pyc files checked by time stamp would count as stale in every worker.
    mode = PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(packages, quiet=2, invalidation_mode=mode, stripdir=str(packages))


if __name__ == "__main__":
    for wanted in (HOST, LAMBDA):
        sys.stdout.write(f"{build(wanted)}\n")
