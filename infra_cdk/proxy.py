"""A proxy of template-samples/proxy before the local cloud: `python -m infra_cdk.proxy STATE KIND [PORT]`."""

import json
import os
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from infra_cdk.built import ROOT
from infra_cdk.cloud import LocalCloud
from infra_cdk.commands import run
from infra_cdk.ports import HIGHEST, LOOPBACK, free_port, is_free

SAMPLES = ROOT / "template-samples" / "proxy"
ELSEWHERE = "/usr/sbin:/usr/local/sbin"
"""Debian's nginx lies where only root looks for programs."""


@dataclass(frozen=True)
class Front:
    """What a proxy stands before, on which port of this machine, and a folder for its files."""

    api: str
    websocket: str
    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Where clients call the proxy."""
        return f"http://{LOOPBACK}:{self.port}"


def nginx(front: Front, burst: int | None = None) -> list[str]:
    """Writes the sample's configuration into the folder; the command that runs it in the foreground.

    With a `burst`, so many requests of an address are taken at once, and one a second after them.
    """
    sample = SAMPLES / "nginx"
    front.folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(sample / "render.py"), "--api", front.api, "--websocket", front.websocket]
    command += ["--listen", f"{LOOPBACK}:{front.port}", "--access-log", "access.log"]
    command += ["--rate", "1", "--burst", str(burst)] if burst else []
    (front.folder / "downloads.conf").write_text(run(command))
    (front.folder / "nginx.conf").write_text((sample / "nginx.conf").read_text())
    return run_nginx(front.folder)


def run_nginx(folder: Path) -> list[str]:
    """The command for a folder with nginx.conf and downloads.conf."""
    # Started by root, its workers would be somebody who may not read the folder.
    user = " user root;" if os.geteuid() == 0 else ""
    return ["nginx", "-p", f"{folder}/", "-e", "stderr", "-c", "nginx.conf", "-g", f"daemon off;{user}"]


def cloudflare(front: Front, burst: int | None = None) -> list[str]:
    """The command that runs the Worker in Miniflare, in the foreground, with the settings of wrangler.toml.

    With a `burst`, so many requests of an address are taken in a minute.
    """
    sample = SAMPLES / "cloudflare"
    settings = tomllib.loads((sample / "wrangler.toml").read_text())
    (limit,) = settings["ratelimits"]
    options = {
        "host": LOOPBACK,
        "port": front.port,
        "compatibilityDate": settings["compatibility_date"],
        "bindings": {"API_URL": front.api, "WEBSOCKET_URL": front.websocket},
        "ratelimits": {
            limit["name"]: {"simple": {"limit": burst, "period": 60} if burst else limit["simple"]}
        },
    }
    return ["node", str(sample / "miniflare.mjs"), json.dumps(options)]


PROXIES: dict[str, Callable[..., list[str]]] = {"nginx": nginx, "cloudflare": cloudflare}


def environment() -> dict[str, str]:
    """This process's own, with the places where servers lie."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{ELSEWHERE}"}


def main(state: Path, kind: str, port: str = "") -> None:
    """Become the proxy, until Ctrl-C."""
    cloud = LocalCloud(state)
    if kind not in PROXIES:
        sys.exit(f"PROXY is {kind!r}: one of {', '.join(PROXIES)}")
    if port and not (port.isdecimal() and 1 <= int(port) <= HIGHEST):
        sys.exit(f"PROXY_PORT is {port!r}: a number from 1 to {HIGHEST:,}")
    if port and not is_free(int(port)):
        sys.exit(f"PROXY_PORT {port} is taken: name another, or none to have a free one")
    if not cloud.find():
        sys.exit("nothing is running: `make up` starts it")
    place = int(port) if port else free_port()
    # A folder each: several may stand before one cloud.
    front = Front(
        cloud.outputs["ApiUrl"], cloud.outputs["WebSocketUrl"], place, cloud.state / f"proxy-{place}"
    )
    command = PROXIES[kind](front)
    sys.stderr.write(f"{kind} before the local cloud: {front.url} (Ctrl-C ends it)\n")
    os.execvpe(command[0], command, environment())  # noqa: S606 # a list of our own words, no shell


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
