"""POST to a receiver's URL, to the very address that was checked, without redirects and proxies."""

import socket
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException

from downloads import VERSION
from downloads.callback import Endpoint, Guard
from downloads.errors import CallbackFailedError, RefusedCallbackError
from downloads.notice import Failure
from downloads.web.deadline import Deadline, TimedSocket

# Seconds for the whole attempt: Standard Webhooks asks for 15 to 30.
ATTEMPT_S = 15.0
MOST_READ = 65_536
MOST_ADDRESSES = 4
FIXED_HEADERS = {
    "content-type": "application/json",
    "connection": "close",
    "user-agent": f"delineate-webhook/{VERSION}",
}

Resolve = Callable[[str, int], Sequence[str]]


def system_resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a host, by the system's resolver. Raises socket.gaierror."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class HttpCallback:
    """The Callback port. The name is resolved once: who answers otherwise the second time is not asked."""

    def __init__(
        self,
        guard: Guard,
        resolve: Resolve = system_resolve,
        trust: ssl.SSLContext | None = None,
        seconds: float = ATTEMPT_S,
    ) -> None:
        self._guard = guard
        self._resolve = resolve
        self._trust = trust or ssl.create_default_context()
        self._seconds = seconds

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        deadline = Deadline(self._seconds)
        try:
            endpoint = self._guard.check(url)
            with closing(self._connect(endpoint, self._addresses(endpoint, deadline), deadline)) as sock:
                return _exchange(endpoint, sock, deadline, headers, body)
        except RefusedCallbackError:
            raise CallbackFailedError(Failure.URL_REFUSED) from None
        except TimeoutError:
            raise CallbackFailedError(Failure.TIMEOUT) from None
        except ssl.SSLError as error:
            raise CallbackFailedError(Failure.TLS) from error
        except OSError as error:
            raise CallbackFailedError(Failure.NOT_CONNECTED) from error
        except (HTTPException, ValueError) as error:
            raise CallbackFailedError(Failure.BAD_ANSWER) from error

    def _addresses(self, endpoint: Endpoint, deadline: Deadline) -> Sequence[str]:
        """Every address of the host, all of them permitted."""
        try:
            found = deadline.within(partial(self._resolve, endpoint.host, endpoint.port))
        except (socket.gaierror, UnicodeError):
            raise CallbackFailedError(Failure.NOT_RESOLVED) from None
        if not found:
            raise CallbackFailedError(Failure.NOT_RESOLVED)
        if not all(self._guard.permits(address) for address in found):
            raise CallbackFailedError(Failure.ADDRESS_REFUSED)
        return found

    def _connect(self, endpoint: Endpoint, addresses: Sequence[str], deadline: Deadline) -> socket.socket:
        """A connection to the first address that takes one, each with its share of the time."""
        fault = OSError("no address")
        chosen = addresses[:MOST_ADDRESSES]
        for place, address in enumerate(chosen):
            try:
                share = deadline.left() / (len(chosen) - place)
                sock = socket.create_connection((address, endpoint.port), timeout=share)
            except OSError as error:
                fault = error
            else:
                return self._secure(endpoint, sock, deadline) if endpoint.tls else sock
        raise fault

    def _secure(self, endpoint: Endpoint, sock: socket.socket, deadline: Deadline) -> socket.socket:
        """TLS with the host's name, whatever the address: as SNI, and in the certificate."""
        try:
            sock.settimeout(deadline.left())
            return self._trust.wrap_socket(sock, server_hostname=endpoint.host)
        except BaseException:
            sock.close()
            raise


def _exchange(
    endpoint: Endpoint, sock: socket.socket, deadline: Deadline, headers: Mapping[str, str], body: bytes
) -> int:
    connection = HTTPConnection(endpoint.host, endpoint.port)
    # It has its socket and opens no other: no proxy, no second look at the name.
    connection.auto_open = 0
    connection.sock = TimedSocket(sock, deadline, MOST_READ)
    sent = {"host": endpoint.authority, **FIXED_HEADERS, **headers}
    connection.request("POST", endpoint.target, body, sent)
    answer = connection.getresponse()
    with suppress(OSError, HTTPException):
        # The status decides; the rest is read so that the receiver can finish its sentence.
        answer.read(MOST_READ)
    return answer.status
