"""GET of a small document: by https, or by http from this machine itself; no redirects, no proxies."""

import ssl
from contextlib import closing
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from ipaddress import ip_address
from socket import create_connection, socket
from urllib.parse import SplitResult, urlsplit

from downloads import VERSION
from downloads.web.deadline import Deadline, TimedSocket

# Seconds for the whole call.
SECONDS = 5.0
# Bytes, headers included: a set of keys has some thousand.
MOST_READ = 262_144
HEADERS = {"accept": "application/json", "connection": "close", "user-agent": f"delineate/{VERSION}"}
PORTS = {"https": 443, "http": 80}


class _Kept(TimedSocket):
    """http.client closes its socket once it has the headers of an answer that ends with the connection."""

    def close(self) -> None:
        """Whoever opened it closes it, when the body is read."""


def get(url: str, seconds: float = SECONDS, trust: ssl.SSLContext | None = None) -> bytes:
    """The body of a 200. Raises OSError, http.client's HTTPException or ValueError for all else.

    A redirect is no answer: where it leads, nobody has configured.
    """
    parts = _checked(url)
    deadline = Deadline(seconds)
    with closing(_connect(parts, deadline, trust)) as sock:
        connection = HTTPConnection(parts.hostname or "")
        connection.auto_open = 0
        connection.sock = _Kept(sock, deadline, MOST_READ)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", target, headers={"host": parts.netloc, **HEADERS})
        answer = connection.getresponse()
        if answer.status != HTTPStatus.OK:
            raise ValueError(f"the answer's status is {answer.status}")
        return answer.read()


def _checked(url: str) -> SplitResult:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        raise ValueError("keys are fetched by https only")
    if not host or parts.username is not None or parts.password is not None:
        raise ValueError("the address of the keys is no plain URL")
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _connect(parts: SplitResult, deadline: Deadline, trust: ssl.SSLContext | None) -> socket:
    address = (parts.hostname or "", parts.port or PORTS[parts.scheme])
    sock = deadline.within(partial(create_connection, address, timeout=deadline.left()))
    if parts.scheme == "http":
        return sock
    try:
        sock.settimeout(deadline.left())
        context = trust or ssl.create_default_context()
        return context.wrap_socket(sock, server_hostname=parts.hostname)
    except BaseException:
        sock.close()
        raise
