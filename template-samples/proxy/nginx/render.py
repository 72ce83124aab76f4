"""Fills in downloads.conf.template: `render.py --api URL --websocket URL > downloads.conf`.

The addresses are the stack's outputs ApiUrl and WebSocketUrl. Python 3.11 or newer, nothing to install.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

TEMPLATE = Path(__file__).with_name("downloads.conf.template")
NAME = re.compile(r"\$\{([A-Z_]+)\}")
HTTP = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
PORTS = {"http": 80, "https": 443}
# A name that nginx may read as a word of its own, or as two, would be a setting.
HOST = re.compile(r"[A-Za-z0-9.:\[\]-]+")
PATH = re.compile(r"[A-Za-z0-9._~/-]*")
TLS = """\
    proxy_ssl_server_name on;
    proxy_ssl_name $downloads_host;
    proxy_ssl_verify on;
    proxy_ssl_verify_depth 4;
    proxy_ssl_trusted_certificate {trusted};"""


def render(given: argparse.Namespace) -> str:
    """The configuration. Raises ValueError for an address that is none."""
    api, live = _address(given.api, "https", "http"), _address(given.websocket, "wss", "ws")
    tls = "https" in {HTTP[api.scheme], HTTP[live.scheme]}
    values = {
        "API_SERVERS": _servers(given.api_server or [_server(api)]),
        "LIVE_SERVERS": _servers(given.websocket_server or [_server(live)]),
        "API_SCHEME": HTTP[api.scheme],
        "API_HOST": api.netloc,
        "API_PATH": api.path.rstrip("/"),
        "LIVE_SCHEME": HTTP[live.scheme],
        "LIVE_HOST": live.netloc,
        "LIVE_PATH": live.path,
        "LIVE_URL": given.websocket,
        "UPSTREAM_TLS": TLS.format(trusted=given.trusted) if tls else "    # Without TLS to the service.",
        "LISTEN": given.listen,
        "ACCESS_LOG": given.access_log,
        "RATE": str(given.rate),
        "BURST": str(given.burst),
        "CONNECTIONS": str(given.connections),
    }
    return NAME.sub(lambda found: values[found[1]], TEMPLATE.read_text("utf-8"))


def _address(url: str, *schemes: str) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in schemes or not HOST.fullmatch(parts.netloc) or not PATH.fullmatch(parts.path):
        raise ValueError(
            f"{url!r} is no address such as {schemes[0]}://abc.execute-api.eu-central-1.amazonaws.com"
        )
    return parts


def _count(text: str) -> int:
    """nginx takes no rate and no number of connections below 1."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _server(address: SplitResult) -> str:
    return f"{address.hostname}:{address.port or PORTS[HTTP[address.scheme]]}"


def _servers(servers: Sequence[str]) -> str:
    return "\n".join(f"    server {server};" for server in servers)


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="nginx's configuration in front of the download service")
    parser.add_argument("--api", required=True, help="the stack's output ApiUrl")
    parser.add_argument("--websocket", required=True, help="the stack's output WebSocketUrl")
    parser.add_argument(
        "--listen", default="80", help="as nginx's listen: 80, 127.0.0.1:8080, '443 ssl http2'"
    )
    parser.add_argument(
        "--api-server", action="append", metavar="HOST:PORT", help="where --api is found; again for more"
    )
    parser.add_argument("--websocket-server", action="append", metavar="HOST:PORT", help="as --api-server")
    parser.add_argument(
        "--trusted", default="/etc/ssl/certs/ca-certificates.crt", help="who may vouch for them"
    )
    parser.add_argument("--access-log", default="/var/log/nginx/downloads.log")
    parser.add_argument("--rate", type=_count, default=50, help="requests a second of one address")
    parser.add_argument("--burst", type=_count, default=100, help="requests above that before a 429")
    parser.add_argument(
        "--connections", type=_count, default=100, help="requests and WebSockets of one address at once"
    )
    return parser


if __name__ == "__main__":
    try:
        sys.stdout.write(render(arguments().parse_args()))
    except ValueError as problem:
        sys.exit(f"render.py: {problem}")
