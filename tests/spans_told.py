"""What a tracing service was told, in one shape whatever the service, for the port's contract."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from downloads.setting_parts import read
from downloads.spans import NoSpans, Spans
from downloads.trace_settings import TraceSettings
from downloads.tracing.otlp import OtlpSpans
from downloads.tracing.xray import XraySpans
from tests.otlp_receiver import OtlpReceiver
from tests.xray_receiver import XrayReceiver


@dataclass(frozen=True)
class Told:
    """A span that a service was told; ``error`` is the type of what left it, times are in seconds."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str | None
    attributes: dict[str, Any]
    error: str | None
    start: float
    end: float


@dataclass(frozen=True)
class Service:
    """The adapter and the service behind it; ``told`` is empty where nobody is told anything."""

    spans: Spans
    told: Callable[[], list[Told]]
    tells: bool = True

    def named(self, name: str) -> Told:
        self.spans.flush()
        (found,) = (span for span in self.told() if span.name == name)
        return found


@contextmanager
def none() -> Iterator[Service]:
    yield Service(NoSpans(), list, tells=False)


@contextmanager
def otlp(rate: float = 1.0) -> Iterator[Service]:
    with OtlpReceiver() as receiver:
        told = {"otlp_endpoint": receiver.url, "trace_sample_rate": f"{rate}"}
        settings = read(TraceSettings, {"stage": "test", "tracing": "otlp", **told})
        yield Service(OtlpSpans(settings, _never), lambda: [_of_otlp(span) for span in receiver.spans])


@contextmanager
def xray() -> Iterator[Service]:
    with XrayReceiver() as receiver:
        yield Service(
            XraySpans(receiver.address), lambda: [_of_xray(document) for document in receiver.documents()]
        )


SERVICES = {"none": none, "otlp": otlp, "xray": xray}


def _never(sentence: str) -> None:
    raise AssertionError(sentence)


def _of_otlp(span: Any) -> Told:
    error = span.exceptions[0]["exception.type"] if span.exceptions else None
    assert span.failed == bool(error)
    return Told(
        span.name,
        span.trace_id,
        span.span_id,
        span.parent_id,
        {name.replace(".", "_"): value for name, value in span.attributes.items()},
        error,
        span.start / 1e9,
        span.end / 1e9,
    )


def _of_xray(document: dict[str, Any]) -> Told:
    cause = document.get("cause", {})
    error = cause["exceptions"][0]["type"] if cause else None
    assert document.get("fault", False) == bool(error)
    _, began, rest = document["trace_id"].split("-")
    return Told(
        document["name"],
        began + rest,
        document["id"],
        document.get("parent_id"),
        document.get("annotations", {}),
        error,
        document["start_time"],
        document["end_time"],
    )
