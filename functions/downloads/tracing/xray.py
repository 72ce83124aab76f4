"""Spans as documents for X-Ray, handed to its daemon by UDP ("Segment documents", X-Ray's guide).

In Lambda the SDK's recorder begins no segments, so a document of its own, which names trace and parent, is
made of each span: below the function's own segment, or below a message's, which is of another trace.
"""

import logging
import re
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment
from aws_xray_sdk.core.models.throwable import Throwable

from downloads.scrubbing import scrub_text
from downloads.spans import NONE, Attributes, Span, Untold, at, here
from downloads.trace import Trace

Entity = Segment | Subsegment

IN_NO_NAME = re.compile(r"[^\w\s.:/%&#=+\\@-]")
IN_NO_KEY = re.compile(r"[^A-Za-z0-9_]")
LONGEST_NAME = 200
LONGEST_VALUE = 1_000
MOST_FRAMES = 10
"""Of a stack: a document is a datagram, 64 KB at most."""


@dataclass(frozen=True, slots=True)
class XraySpan:
    """A segment or subsegment under way."""

    entity: Entity
    trace: Trace

    def note(self, attributes: Attributes) -> None:
        # A span may be spoken of after its end; its document has gone then.
        if self.entity.in_progress:
            _annotate(self.entity, attributes)


class XraySpans:
    """The parent's flag says whether a span is told; a trace that begins here is."""

    def __init__(self, daemon_address: str) -> None:
        # The SDK would log documents at DEBUG, and what it could not send with a stack trace.
        logging.getLogger("aws_xray_sdk").setLevel(logging.CRITICAL)
        self._daemon = UDPEmitter(daemon_address)

    @contextmanager
    def span(self, name: str, attributes: Attributes = NONE, parent: Trace | None = None) -> Generator[Span]:
        above = parent or here()
        if above and not above.sampled:
            with at(above):
                yield Untold(above)
            return
        entity = _entity(name, above)
        _annotate(entity, attributes)
        span = XraySpan(entity, _place(entity))
        try:
            with at(span.trace):
                yield span
        except Exception as error:
            _blame(entity, error)
            raise
        finally:
            entity.close()
            self._daemon.send_entity(entity)

    def past(
        self, name: str, start: datetime, end: datetime, attributes: Attributes = NONE, *, parent: Trace
    ) -> None:
        if not parent.sampled:
            return
        entity = _entity(name, parent)
        entity.start_time = start.timestamp()
        _annotate(entity, attributes)
        entity.close(end.timestamp())
        self._daemon.send_entity(entity)

    def flush(self) -> None:
        """Nothing: each document was sent when its span ended."""


def _entity(name: str, above: Trace | None) -> Entity:
    name = IN_NO_NAME.sub("", name)[:LONGEST_NAME]
    if above is None or above.begins:
        begun = above or Trace.begun()
        return Segment(name, begun.span_id, begun.xray_root)
    entity = Subsegment(name, "local", Segment("parent", above.span_id, above.xray_root))
    entity.parent_id = above.span_id
    return entity


def _place(entity: Entity) -> Trace:
    _, began, rest = entity.trace_id.split("-")
    return Trace(began + rest, entity.id)


def _annotate(entity: Entity, attributes: Attributes) -> None:
    for name, value in attributes.items():
        short = value[:LONGEST_VALUE] if isinstance(value, str) else value
        entity.put_annotation(IN_NO_KEY.sub("_", name), short)


def _blame(entity: Entity, error: Exception) -> None:
    # The SDK marks the exception, which one without room for attributes refuses; the fault is noted before.
    with suppress(AttributeError):
        entity.add_exception(error, traceback.extract_tb(error.__traceback__, -MOST_FRAMES))
    # What it says may hold what no log may. A cause that is told already, by a span below, is its id alone.
    for told in entity.cause.get("exceptions", ()) if isinstance(entity.cause, dict) else ():
        if isinstance(told, Throwable):
            told.message = scrub_text(str(told.message))
