"""Where a webhook may go: what is wrong with a callback URL, as far as its text says it."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from downloads.addresses import is_public
from downloads.errors import RefusedCallbackError

PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A callback URL in its parts: ``authority`` is the Host header, ``target`` path and query."""

    tls: bool
    host: str
    port: int
    authority: str
    target: str


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules; both exceptions are for a laptop. Any port goes: a public address is no secret service's."""

    allow_http: bool = False
    allow_private: bool = False

    def permits(self, address: str) -> bool:
        """Whether a connection may be made to this IP address."""
        return self.allow_private or is_public(address)

    def check(self, url: str) -> Endpoint:
        """Raises RefusedCallbackError, which says what is wrong."""
        parts, port = _split(url)
        if parts.scheme not in (PORTS if self.allow_http else {"https"}):
            raise RefusedCallbackError("callback_url must be https.")
        if parts.username is not None or parts.password is not None:
            raise RefusedCallbackError("callback_url must hold no user name and no password.")
        host = parts.hostname or ""
        if not host or not url.isascii() or not url.isprintable() or " " in url:
            raise RefusedCallbackError("callback_url is no URL that can be called.")
        if _is_address(host) and not self.permits(host):
            raise RefusedCallbackError("callback_url leads to an address that is not public.")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Endpoint(parts.scheme == "https", host, port or PORTS[parts.scheme], parts.netloc, target)


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        raise RefusedCallbackError("callback_url is no URL that can be called.") from None


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
