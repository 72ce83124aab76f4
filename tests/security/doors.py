"""The ways in that an API Gateway authorizer does not guard alone: the WebSocket and the event stream."""

from collections.abc import Mapping
from typing import Any

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from tests.e2e.conftest import Service, hear

OPENED = 101
UNKNOWN = "00000000-0000-4000-8000-000000000000"


def websocket(service: Service, query: str = "", **headers: str) -> int:
    """The status that a handshake is answered with, which opens the connection if it is 101."""
    url = service.websocket_url + query
    try:
        with connect(url, additional_headers=headers, open_timeout=60, close_timeout=2):
            return OPENED
    except InvalidStatus as refused:
        return refused.response.status_code


def stream(http: httpx.Client, job_id: str, query: Mapping[str, str] | None = None, **headers: str) -> Any:
    """The answer of the event stream to who has nothing but what is given here."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.get(f"/v1/download/progress/{job_id}", params=dict(query or {}), headers=sent)


def heard_until_closed(socket: Any) -> list[dict[str, Any]]:
    frames = []
    try:
        while True:
            frames.append(hear(socket))
    except ConnectionClosed:
        return frames
