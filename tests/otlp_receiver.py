"""A collector on loopback: takes OTLP over HTTP in protobuf, and keeps what it was told."""

import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class ToldSpan:
    """A span as the collector reads it; times are in nanoseconds."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str | None
    start: int
    end: int
    attributes: dict[str, Any]
    exceptions: list[dict[str, Any]]
    failed: bool
    resource: dict[str, Any]


@dataclass
class OtlpReceiver:
    """Answers ``status`` after ``pause_s`` seconds. ``spans`` are in the order in which they came."""

    status: int = 200
    pause_s: float = 0.0
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    spans: list[ToldSpan] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The endpoint, to which a client adds ``/v1/traces``."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def named(self, name: str) -> ToldSpan:
        """The only span of a name."""
        (found,) = (span for span in self.spans if span.name == name)
        return found

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: bytes) -> None:
        """Raises protobuf's DecodeError for what is no request of OTLP."""
        for told in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = _values(told.resource.attributes)
            for scope in told.scope_spans:
                self.spans.extend(_span(span, resource) for span in scope.spans)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # http.server's name
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.paths.append(self.path)
                receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
                time.sleep(receiver.pause_s)
                if receiver.status == 200:
                    receiver.take(body)
                answer = ExportTraceServiceResponse().SerializeToString()
                self.send_response(receiver.status)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # http.server's name
                """Silence."""

        return Handler


def _span(span: Span, resource: dict[str, Any]) -> ToldSpan:
    return ToldSpan(
        name=span.name,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex() or None,
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        attributes=_values(span.attributes),
        exceptions=[_values(event.attributes) for event in span.events if event.name == "exception"],
        failed=span.status.code == Status.STATUS_CODE_ERROR,
        resource=resource,
    )


def _values(pairs: Any) -> dict[str, Any]:
    def value(pair: KeyValue) -> Any:
        kind = pair.value.WhichOneof("value")
        return getattr(pair.value, kind) if kind else None

    return {pair.key: value(pair) for pair in pairs}
