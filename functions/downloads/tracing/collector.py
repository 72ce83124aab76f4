"""A collector of spans that may be away: a run waits for it once, and not for long."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from downloads.trace_settings import TraceSettings

PATIENCE_S = 1.5
"""For one request to the collector and its repetitions."""


class OnceARun(SpanExporter):
    """Sends until it fails; what comes after that is dropped, until ``forgive``."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.failed = False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if self.failed:
            return SpanExportResult.FAILURE
        # Until it is known better: an exception is a failure too.
        self.failed = True
        result = self._exporter.export(spans)
        self.failed = result is not SpanExportResult.SUCCESS
        return result

    def forgive(self) -> bool:
        """Whether anything failed; the next request is sent again."""
        failed, self.failed = self.failed, False
        return failed

    def shutdown(self) -> None:
        self._exporter.shutdown()


def collector(settings: TraceSettings) -> OnceARun:
    """The collector of the settings, by OTLP over HTTP, in protobuf."""
    return OnceARun(OTLPSpanExporter(settings.traces_url, headers=settings.headers, timeout=PATIENCE_S))
