"""An event stream read by the rules of the HTML standard, as far as this service uses them."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    name: str
    id: str
    data: dict[str, Any]


def parse(text: str) -> list[Event]:
    """The events of a whole body; a block without data dispatches none."""
    return [found for block in text.split("\n\n") if (found := _event(block.split("\n")))]


def _event(lines: list[str]) -> Event | None:
    fields = dict(line.split(": ", 1) for line in lines if line and not line.startswith(":"))
    if "data" not in fields:
        return None
    return Event(fields["event"], fields["id"], json.loads(fields["data"]))
