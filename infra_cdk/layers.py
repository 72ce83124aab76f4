"""The layers: third-party packages from their lock files, built for where the functions will run."""

import compileall
import hashlib
import shutil
import sys
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from py_compile import PycInvalidationMode

from infra_cdk.built import ROOT, UV, build_once
from infra_cdk.commands import run


@dataclass(frozen=True)
class Layer:
    """A folder with a lock file; what is built of it lies below `build`."""

    folder: Path

    @property
    def name(self) -> str:
        """What the layer is called, as its folder."""
        return self.folder.name

    @property
    def lock(self) -> Path:
        """The packages, each by its hash."""
        return self.folder / "requirements.txt"


DEPENDENCIES = Layer(ROOT / "layers" / "dependencies")
"""What every function imports; every cold start pays for it, so it stays thin."""

IDENTITY = Layer(ROOT / "layers" / "identity")
"""What verifies tokens, for the functions that do so themselves."""

XRAY = Layer(ROOT / "layers" / "xray")
"""Segments for X-Ray, where TRACING is xray."""

OPENTELEMETRY = Layer(ROOT / "layers" / "opentelemetry")
"""Spans by OTLP over HTTP, where TRACING is otlp."""

SENTRY = Layer(ROOT / "layers" / "sentry")
"""Reports to Sentry, where SENTRY_DSN says which project."""

PROMETHEUS = Layer(ROOT / "layers" / "prometheus")
"""The text that Prometheus reads, where METRICS_ENDPOINT is on."""

HISTORY = Layer(ROOT / "layers" / "history")
"""The driver of PostgreSQL, where HISTORY_SECRET_ARN names a database."""

EXTRAS = {layer.name: layer for layer in (XRAY, OPENTELEMETRY, SENTRY, PROMETHEUS, HISTORY)}
"""By name, what `Config.extra_layers` and its likes may ask for."""


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


def install_command(layer: Layer, target: Target, folder: Path) -> list[str]:
    """The command that installs the locked packages, by hash, into `folder`."""
    # A lock is complete, but for what the runtime or the first layer brings: nothing is to be added to it.
    options = [
        "--require-hashes",
        "--no-deps",
        "--no-compile-bytecode",
        "--requirements",
        str(layer.lock),
        "--target",
        str(folder),
    ]
    return [UV, "pip", "install", "--quiet", *options, *target.options]


def fingerprint(layer: Layer, target: Target) -> str:
    """What the built layer depends on: the lock, the options, and the building Python where it compiles."""
    python = sys.version if target.compiled else ""
    return hashlib.sha256(layer.lock.read_bytes() + repr((target, python)).encode()).hexdigest()


def build(layer: Layer, target: Target) -> Path:
    """The folder of a layer for a target, built again only when its fingerprint changed.

    Raises:
        CommandError: uv could not install the locked packages.
    """
    folder = layer.folder / "build" / target.name
    return build_once(folder, fingerprint(layer, target), lambda: _make(layer, target, folder / "python"))


def lead(layer: Layer) -> Path:
    """The folder of a layer for the emulator: one file that leads to the packages as built for this machine.

    The emulator unpacks every layer anew for each function, thousands of files in all. Other packages make
    another layer, so that functions load them.

    Raises:
        CommandError: as `build`.
    """
    packages = build(layer, HOST) / "python"
    # A layer's site-packages are a site directory, whose .pth files may run a line (Python's module "site").
    line = f"import sys; sys.path.insert(0, {str(packages)!r})  # {fingerprint(layer, HOST)}\n"
    folder = layer.folder / "build" / "lead"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "python" / "lib" / version / "site-packages"

    def make() -> None:
        site.mkdir(parents=True)
        (site / f"{layer.name}.pth").write_text(line)

    return build_once(folder, hashlib.sha256(f"{site}{line}".encode()).hexdigest(), make)


def _make(layer: Layer, target: Target, packages: Path) -> None:
    run(install_command(layer, target, packages))
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
    for made, wanted in product((DEPENDENCIES, IDENTITY, *EXTRAS.values()), (HOST, LAMBDA)):
        sys.stdout.write(f"{build(made, wanted)}\n")
