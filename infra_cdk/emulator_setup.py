"""What the emulator needs before it starts: a Python environment of its own, and variables of its own."""

from collections.abc import Mapping
from pathlib import Path

from infra_cdk import built
from infra_cdk.built import ROOT
from infra_cdk.ports import LOOPBACK

LOCK = ROOT / "infra_cdk" / "emulator" / "requirements.txt"
VENV = ROOT / ".local" / "emulator" / "venv"

# The last is where a daemon of X-Ray listens, for who runs one beside it.
KEPT = ("HOME", "PATH", "LANG", "LC_ALL", "AWS_XRAY_DAEMON_ADDRESS")


def install() -> Path:
    """The Python of the emulator's environment. Raises CommandError where it cannot be installed."""
    return built.install(LOCK, VENV, "--compile-bytecode") / "python"


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
