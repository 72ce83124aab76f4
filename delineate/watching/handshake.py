"""A connection to the service's WebSocket API, with a token where there is one."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect

from delineate.auth.secrecy import is_private
from delineate.network import Network

TOKEN_REFUSED = frozenset({401, 403})
# At DEBUG the library writes down the handshake, and the token with it.
LOGGER = logging.getLogger("delineate.websocket")
LOGGER.setLevel(logging.INFO)
OPEN_SECONDS = 10.0


class ConnectionLost(Exception):
    """The connection could not be made, broke, or went silent; a new one may do better."""


class NeverOpened(ConnectionLost):
    """Nothing came of the connection, not even a refusal: something on the way swallows it."""


class Refused(Exception):
    """The service does not serve this job by WebSocket; another connection would not change that."""


class TokenEnded(Exception):
    """The service takes this token no more: the handshake was refused, or its time came meanwhile."""


@contextmanager
def connection(
    url: str, token: str | None, open_seconds: float = OPEN_SECONDS, network: Network | None = None
) -> Iterator[ClientConnection]:
    """An open connection, open within `open_seconds`.

    Raises `ConnectionLost`, also when it breaks later, `NeverOpened`, `Refused` or `TokenEnded`.
    """
    if token and not is_private(url):
        raise Refused("its address is not encrypted, and a token may not go there")
    headers = {"authorization": f"Bearer {token}"} if token else None
    try:
        with _opened(url, headers, open_seconds, network or Network()) as socket:
            yield socket
    except InvalidURI as fault:
        raise Refused("its address cannot be used") from fault
    except (ConnectionClosed, InvalidHandshake, OSError) as fault:
        if isinstance(fault, InvalidStatus) and fault.response.status_code in TOKEN_REFUSED:
            raise TokenEnded from fault
        raise ConnectionLost("the connection was lost") from fault


def _opened(url: str, headers: dict[str, str] | None, seconds: float, network: Network) -> ClientConnection:
    try:
        return connect(
            url,
            additional_headers=headers,
            logger=LOGGER,
            open_timeout=seconds,
            close_timeout=1,
            proxy=network.proxy or True,
            ssl=network.ssl_context if url.startswith("wss:") else None,
        )
    except TimeoutError as fault:
        raise NeverOpened("it does not open") from fault
