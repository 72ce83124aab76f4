"""A collector of spans that may be away: a run waits for it, and the next ones for a while do not."""

import time
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from downloads.rest import Clock, Rest
from downloads.trace_settings import TraceSettings

PATIENCE_S = 1.5
"""For one request to the collector and its repetitions."""


class OnceAWhile(SpanExporter):
    """Sends until it fails, then drops what comes until it has rested; ``clock`` is monotonic, in seconds."""

    def __init__(self, exporter: SpanExporter, clock: Clock = time.monotonic) -> None:
        self._exporter = exporter
        self._rest = Rest(clock)
        self._unsaid = False

    @property
    def resting(self) -> bool:
        return self._rest.on

    def rest(self) -> None:
        self._rest.begin()
        self._unsaid = True

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
            self._rest.end()
            self._unsaid = False
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def collector(settings: TraceSettings, clock: Clock) -> OnceAWhile:
    """The collector of the settings, by OTLP over HTTP, in protobuf."""
    exporter = OTLPSpanExporter(settings.traces_url, headers=settings.headers, timeout=PATIENCE_S)
    return OnceAWhile(exporter, clock)
