"""What SeaweedFS needs before it starts: its program, ports and keys."""

import json
import secrets
from collections.abc import Mapping
from pathlib import Path

from infra_cdk import built
from infra_cdk.built import ROOT
from infra_cdk.ports import LOOPBACK

LOCK = ROOT / "infra_cdk" / "seaweedfs" / "requirements.txt"
VENV = ROOT / ".local" / "seaweedfs" / "venv"
FILES, ARCHIVES = "downloads", "archives"
OWNER, SERVICE = "owner", "service"
Identities = dict[str, tuple[str, str]]
"""The access key and the secret of each who may call, by name."""

PORTS = tuple(
    f"{part}.{kind}" for part in ("s3", "filer", "master", "volume") for kind in ("port", "port.grpc")
)
"""The options that take a port, in a row from that of S3 on."""

RIGHTS = {
    OWNER: ["Admin", "Read", "Write", "List", "Tagging"],
    SERVICE: [
        *(f"{verb}:{FILES}" for verb in ("Read", "List")),
        *(f"{verb}:{ARCHIVES}" for verb in ("Read", "List", "Write")),
    ],
}
"""What the functions may do is what their roles allow on AWS: read files, keep archives."""


def install() -> Path:
    """The `weed` program. Raises CommandError where it cannot be installed: not every system has one."""
    return built.install(LOCK, VENV) / "weed"


def command(weed: Path, folder: Path, first_port: int) -> list[str]:
    """Master, volumes, filer and S3 in one process, all on loopback, which tells its maker nothing."""
    options = {
        "ip": LOOPBACK,
        "ip.bind": LOOPBACK,
        "dir": str(folder / "data"),
        "s3.config": str(folder / "identities.json"),
        "s3.localSocket": str(folder / "s3.sock"),
        "filer.localSocket": str(folder / "filer.sock"),
        "s3.autoCreateBucket": "false",
        # Of an S3 table catalogue, which nobody here uses.
        "s3.port.iceberg": "0",
        "s3.port.lance": "0",
        "master.telemetry": "false",
        "master.electionTimeout": "1s",
        "master.volumeSizeLimitMB": "128",
        "volume.max": "100",
        **{name: str(first_port + step) for step, name in enumerate(PORTS)},
    }
    given = [f"-{name}={value}" for name, value in options.items()]
    return [str(weed), "-logtostderr=true", "server", "-s3", "-filer", *given]


def write_identities(file: Path) -> None:
    """New keys for the owner of the buckets and for the service, readable to nobody else."""
    identities = [
        {"name": name, "actions": rights, "credentials": [_new_keys()]} for name, rights in RIGHTS.items()
    ]
    file.touch(mode=0o600)
    file.write_text(json.dumps({"identities": identities}))


def read_identities(file: Path) -> Identities:
    """The keys that a running server was started with."""
    (listed,) = json.loads(file.read_text()).values()
    return {
        each["name"]: (key["accessKey"], key["secretKey"]) for each in listed for key in each["credentials"]
    }


def variables(folder: Path, outer: Mapping[str, str]) -> dict[str, str]:
    """The environment of the server: nothing of the caller's AWS setup, which it would take for its keys."""
    kept = {name: outer[name] for name in ("HOME", "PATH", "LANG") if name in outer}
    return {**kept, "TMPDIR": str(folder)}


def _new_keys() -> dict[str, str]:
    return {"accessKey": secrets.token_hex(10), "secretKey": secrets.token_hex(20)}
