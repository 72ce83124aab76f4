"""Where a token or a password may go: to hosts reached by TLS, and to this machine itself."""

import ipaddress
from urllib.parse import urlsplit

from delineate.errors import SignInFailed

PRIVATE_SCHEMES = frozenset({"https", "wss"})


def is_private(url: str) -> bool:
    """Whether nobody on the way can read what is sent to `url`."""
    parts = urlsplit(url)
    return parts.scheme in PRIVATE_SCHEMES or _is_loopback(parts.hostname or "")


def require_private(url: str) -> None:
    """Raises `SignInFailed` unless a secret may be sent to `url`."""
    if not is_private(url):
        parts = urlsplit(url)
        raise SignInFailed(
            f"No token or password is sent to {parts.scheme}://{parts.hostname}: "
            "anyone on the way could read it. Use https."
        )


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses are of one server."""
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
