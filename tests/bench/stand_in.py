"""AWS as far as process_file asks for it: botocore does all but the sending."""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from botocore import xform_name
from botocore.awsrequest import AWSResponse

Answer = tuple[dict[str, str], bytes]
Call = tuple[str, dict[str, Any]]
"""An operation as a client's method names it, and its parameters."""

HEAD = ({"ETag": '"9e107d9d372bb6826bd81d3542a419d6"', "Content-Length": "5242880"}, b"")


class Raw(io.BytesIO):
    """A body as botocore reads it from urllib3."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def answer(client: Any, answers: Callable[[str], Answer]) -> None:
    """``answers`` is asked with the name of the operation."""

    def before_send(request: Any, event_name: str, **_: Any) -> AWSResponse:
        headers, body = answers(event_name.rsplit(".", 1)[-1])
        return AWSResponse(request.url, 200, headers, Raw(body))

    client.meta.events.register("before-send", before_send)


def in_json(body: dict[str, Any]) -> Answer:
    text = json.dumps(body).encode()
    return {"Content-Type": "application/x-amz-json-1.0", "Content-Length": str(len(text))}, text


@contextmanager
def heard(client: Any) -> Iterator[list[Call]]:
    """The calls that are made of a client meanwhile."""
    calls: list[Call] = []

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        calls.append((xform_name(model.name), dict(params)))

    client.meta.events.register("provide-client-params", note)
    yield calls
    client.meta.events.unregister("provide-client-params", note)
