"""WebSocket frames from a client: what it may ask for."""

from uuid import UUID

from msgspec.json import Decoder

from downloads.contracts.base import Body


class Action(Body, forbid_unknown_fields=True, tag_field="action", tag=str.lower):
    """Its ``action`` is the name of its class, in lower case."""


class Subscribe(Action):
    """Asks for a snapshot and every change after it; may be sent again at any time."""

    jobId: UUID


class Unsubscribe(Action):
    jobId: UUID


class Ping(Action):
    """Keeps the connection from idling: API Gateway closes one after ten minutes of silence."""


ACTIONS = Decoder(Subscribe | Unsubscribe | Ping)
