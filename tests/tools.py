"""The tools that read manifests, as their users call them."""

import os
import subprocess
from pathlib import Path

COMMANDS = {
    "urls": ["wget", "--quiet", "--no-config", "--content-disposition", "-i", "-"],
    "aria2": ["aria2c", "--no-conf", "--quiet", "-i", "-"],
    "metalink": ["aria2c", "--no-conf", "--quiet", "-M", "links.meta4"],
    "curl": ["curl", "--disable", "--silent", "--show-error", "-K", "-"],
}
PATIENCE_S = 120
# Whatever stands between a machine and the world stands not between it and itself.
DIRECT = {"no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost", "LC_ALL": "C.UTF-8"}


def bring(form: str, manifest: bytes, folder: Path) -> "subprocess.CompletedProcess[bytes]":
    """Lets the form's tool loose on a manifest, in an empty folder."""
    folder.mkdir()
    given, command = manifest, COMMANDS[form]
    if form == "metalink":
        kept = folder.with_suffix(".meta4")
        kept.write_bytes(manifest)
        given, command = b"", [*command[:-1], str(kept)]
    return subprocess.run(
        command,
        cwd=folder,
        input=given,
        env=os.environ | DIRECT,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )


def brought(folder: Path) -> dict[str, bytes]:
    """Every file in the folder, by its path below it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
