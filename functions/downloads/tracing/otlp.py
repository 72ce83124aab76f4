"""Spans by OpenTelemetry, sent to a collector."""

import logging
import time
import traceback
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from threading import Thread
from typing import Any

from opentelemetry import trace as api
from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased, SamplingResult, TraceIdRatioBased

from downloads import VERSION
from downloads.scrubbing import scrub_text
from downloads.spans import NONE, Attributes, Span
from downloads.trace import Trace
from downloads.trace_settings import TraceSettings
from downloads.tracing.collector import collector

LONGEST_FLUSH_S = 2.0
"""Of a run, whatever the collector does: finding its address, too, may take long."""

UNSENT = "spans were not sent: the collector cannot be reached, refused them or was too slow"


# The trace that the next span begins, where its id is known beforehand: the log has it already.
_next: ContextVar[Trace | None] = ContextVar("next", default=None)


class Ids(RandomIdGenerator):
    """Traces that begin with the time, so that X-Ray takes them too."""

    def generate_trace_id(self) -> int:
        return int((_next.get() or Trace.begun()).trace_id, 16)


class Begun(TraceIdRatioBased):
    """Of traces that begin here; one whose id is known was drawn with it."""

    def should_sample(self, *args: Any, **kwargs: Any) -> SamplingResult:
        if _next.get():
            return ALWAYS_ON.should_sample(*args, **kwargs)
        return super().should_sample(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class OtlpSpan:
    """A span of OpenTelemetry, recorded or not."""

    span: api.Span

    @property
    def trace(self) -> Trace:
        place = self.span.get_span_context()
        trace_id, span_id = api.format_trace_id(place.trace_id), api.format_span_id(place.span_id)
        return Trace(trace_id, span_id, place.trace_flags.sampled)

    def note(self, attributes: Attributes) -> None:
        self.span.set_attributes(attributes)


class OtlpSpans:
    """The parent's flag says whether a span is told; of new traces, ``trace_sample_rate`` are.

    Spans are kept until ``flush``, or for five seconds. ``clock`` is monotonic, in seconds.
    """

    def __init__(
        self,
        settings: TraceSettings,
        warn: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        # The SDK has a line for every try, and would log beside the functions' own format.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        self._warn = warn
        self._collector = collector(settings, clock)
        self._provider = TracerProvider(
            ParentBased(Begun(settings.trace_sample_rate)),
            _resource(settings),
            shutdown_on_exit=False,
            id_generator=Ids(),
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._collector))
        self._tracer = self._provider.get_tracer("downloads", VERSION)
        self._sending: Thread | None = None

    @contextmanager
    def span(self, name: str, attributes: Attributes = NONE, parent: Trace | None = None) -> Generator[Span]:
        above = _below(parent) if parent else None
        token = _next.set(parent if parent and parent.begins and parent.sampled else None)
        # What an exception says is told by us: it may hold what no log may.
        begin = self._tracer.start_as_current_span(
            name, above, attributes=attributes, record_exception=False, set_status_on_exception=False
        )
        with begin as span:
            _next.reset(token)
            try:
                yield OtlpSpan(span)
            except Exception as error:
                _blame(span, error)
                raise

    def past(
        self, name: str, start: datetime, end: datetime, attributes: Attributes = NONE, *, parent: Trace
    ) -> None:
        span = self._tracer.start_span(
            name, _below(parent), attributes=attributes, start_time=_nanoseconds(start)
        )
        span.end(_nanoseconds(end))

    def flush(self) -> None:
        """Waits two seconds at most, and not at all for a collector that was away a moment ago."""
        if not self._collector.resting:
            self._send()
        if self._collector.news():
            self._warn(UNSENT)

    def _send(self) -> None:
        if not (self._sending and self._sending.is_alive()):
            self._sending = Thread(target=self._provider.force_flush, daemon=True)
            self._sending.start()
        self._sending.join(LONGEST_FLUSH_S)
        if self._sending.is_alive():
            self._collector.rest()


def _blame(span: api.Span, error: Exception) -> None:
    """By OpenTelemetry's conventions for exceptions, but for secrets."""
    said = scrub_text(str(error))
    stack = scrub_text("".join(traceback.format_exception(error)))
    span.record_exception(error, {"exception.message": said, "exception.stacktrace": stack})
    span.set_status(api.Status(api.StatusCode.ERROR, f"{type(error).__name__}: {said}"))


def _resource(settings: TraceSettings) -> Resource:
    return Resource.create(
        {
            "service.name": "downloads",
            "service.version": VERSION,
            "deployment.environment.name": settings.stage,
            "faas.name": settings.aws_lambda_function_name,
        }
    )


def _below(parent: Trace) -> Context:
    if parent.begins and parent.sampled:
        return Context()
    flags = api.TraceFlags(api.TraceFlags.SAMPLED if parent.sampled else api.TraceFlags.DEFAULT)
    place = api.SpanContext(
        int(parent.trace_id, 16), int(parent.span_id, 16), is_remote=True, trace_flags=flags
    )
    return api.set_span_in_context(api.NonRecordingSpan(place))


def _nanoseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1_000_000) * 1_000
