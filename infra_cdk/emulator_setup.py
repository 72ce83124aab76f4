"""What the emulator needs before it starts: a Python environment of its own, and variables of its own."""

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path

from infra_cdk.built import ROOT, UV, build_once
from infra_cdk.commands import run
from infra_cdk.ports import LOOPBACK

LOCK = ROOT / "infra_cdk" / "emulator" / "requirements.txt"
VENV = ROOT / ".local" / "emulator" / "venv"

# The last is where a daemon of X-Ray listens, for who runs one beside it.
KEPT = ("HOME", "PATH", "LANG", "LC_ALL", "AWS_XRAY_DAEMON_ADDRESS")


def install() -> Path:
    """The Python of the emulator's environment, installed by hash from its lock when that changed.

    Raises:
        CommandError: uv could not install the locked packages.
    """
    fingerprint = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()
    python = VENV / "bin" / "python"

    def make() -> None:
        run([UV, "venv", "--quiet", "--python", sys.executable, str(VENV)])
        options = ["--quiet", "--require-hashes", "--compile-bytecode", "--python", str(python)]
        run([UV, "pip", "sync", *options, str(LOCK)])

    build_once(VENV, fingerprint, make)
    return python


def variables(port: int, temporary: Path, outer: Mapping[str, str]) -> dict[str, str]:
    """The environment of the emulator. Functions inherit it: no AWS setup of the caller."""
    kept = {name: outer[name] for name in KEPT if name in outer}
    return {
        **kept,
        "TMPDIR": str(temporary),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "LAMBDA_EXECUTOR": "local",
        # Seconds a worker stays warm: for as long as anybody looks at the same stack.
        "LAMBDA_WARM_TTL_SECONDS": "86400",
        "S3_DATA_DIR": str(temporary / "s3"),
        "STATE_DIR": str(temporary / "state"),
        # Listeners for services that nobody here uses, on ports of their own.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # A daemon on this machine may hold containers of somebody else's emulator, which it would reap.
        "DOCKER_HOST": f"unix://{temporary}/no-docker.sock",
    }
