"""Bodies of queue messages, read as what they should be."""

from typing import TypeVar

from msgspec import Struct, ValidationError

from downloads.reading import read_json
from downloads.telemetry import logger

Shape = TypeVar("Shape", bound=Struct)


def readable(
    body: str, shape: type[Shape], otherwise: str, *, grave: bool = False, **told: object
) -> Shape | None:
    """What the body says; None for what is no ``shape``, which is told in the log by the words ``otherwise``.

    That line, an ERROR where it is ``grave``, holds what was wrong, never what the body said: it may be
    anything.
    """
    try:
        return read_json(body, shape)
    except ValidationError as error:
        say = logger().error if grave else logger().warning
        say(otherwise, extra={**told, "why": str(error)})
        return None
