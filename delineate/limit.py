"""A time limit of the network that ends early when the caller wants to stop.

A socket that is waited for cannot be told of an event. So it is waited for in short stretches: each `Limit`
is a timeout as httpx hands it on to the connection, and brings along the `Stop` that is looked up between.
"""

import ssl
import time
from collections.abc import Iterable
from typing import Any, Self

import httpcore
import httpx

from delineate.stop import Stop

LOOK_UP_SECONDS = 0.1
# Where there is no limit: as long as any system takes for a timeout.
UNLIMITED_SECONDS = 86_400.0


class Limit(float):
    """So many seconds, or until it is time to stop."""

    stop: Stop

    def __new__(cls, seconds: float, stop: Stop) -> Self:
        """A float that knows when to stop."""
        made = super().__new__(cls, seconds)
        made.stop = stop
        return made


def limited(timeout: httpx.Timeout, stop: Stop) -> httpx.Timeout:
    """The same timeout, ended early by `stop`; it works with clients that were made `attentive`."""
    told = {name: _limit(seconds, stop) for name, seconds in timeout.as_dict().items()}
    return httpx.Timeout(**told)


def attentive(client: httpx.Client) -> httpx.Client:
    """The client, whose connections mind each `Limit`; transports but httpx's own stay as they are."""
    # httpx has no public way to this that would keep the proxies of the environment.
    for transport in (client._transport, *client._mounts.values()):
        if isinstance(transport, httpx.HTTPTransport):
            transport._pool._network_backend = _Attentive()
    return client


def _limit(seconds: float | None, stop: Stop) -> float:
    return Limit(UNLIMITED_SECONDS if seconds is None else seconds, stop)


def _left(timeout: float | None) -> float | None:
    if not isinstance(timeout, Limit):
        return timeout
    timeout.stop.check()
    # Zero would mean not to wait for what is on its way.
    return max(timeout.stop.within(timeout), 0.001)


class _Attentive(httpcore.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = super().connect_tcp(host, port, _left(timeout), local_address, socket_options)
        return _Stream(stream)


class _Stream(httpcore.NetworkStream):
    """Reads in short stretches; what else it does is soon over."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if not isinstance(timeout, Limit):
            return self._stream.read(max_bytes, timeout)
        until = time.monotonic() + timeout
        while True:
            timeout.stop.check()
            try:
                return self._stream.read(max_bytes, min(LOOK_UP_SECONDS, timeout))
            except httpcore.ReadTimeout:
                if time.monotonic() >= until:
                    raise

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
