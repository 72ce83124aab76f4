"""A collector of spans that may be away: a run waits for it, and the next ones for a while do not."""

import time
from collections.abc import Callable, Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from downloads.trace_settings import TraceSettings

PATIENCE_S = 1.5
"""For one request to the collector and its repetitions."""

REST_S = 30.0
"""For how long spans are dropped once they could not be sent: no run after run waits for who is away."""


class OnceAWhile(SpanExporter):
    """Sends until it fails, then drops what comes until it has rested; ``clock`` is monotonic, in seconds."""

    def __init__(self, exporter: SpanExporter, clock: Callable[[], float] = time.monotonic) -> None:
        self._exporter = exporter
        self._clock = clock
        self._rests_until: float | None = None
        self._unsaid = False

    @property
    def resting(self) -> bool:
        return self._rests_until is not None and self._clock() < self._rests_until

    def rest(self) -> None:
        self._rests_until, self._unsaid = self._clock() + REST_S, True

    def news(self) -> bool:
        """Whether it failed since this was asked last."""
        unsaid, self._unsaid = self._unsaid, False
        return unsaid

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.resting:
            return SpanExportResult.FAILURE
        # Until it is known better: an exception is a failure too.
        self.rest()
        result = self._exporter.export(spans)
        if result is SpanExportResult.SUCCESS:
            self._rests_until, self._unsaid = None, False
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def collector(settings: TraceSettings, clock: Callable[[], float]) -> OnceAWhile:
    """The collector of the settings, by OTLP over HTTP, in protobuf."""
    exporter = OTLPSpanExporter(settings.traces_url, headers=settings.headers, timeout=PATIENCE_S)
    return OnceAWhile(exporter, clock)
