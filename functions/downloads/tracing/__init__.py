"""Where spans go. An SDK, slow to import and in a layer of its own, is imported only where it is on."""

import logging
from collections.abc import Callable
from functools import cache

from downloads.spans import UNTRACED, Spans
from downloads.trace_settings import TraceSettings

Warn = Callable[[str], None]
"""Takes a sentence for the log, at WARNING."""


def _to_the_log(sentence: str) -> None:
    logging.getLogger(__name__).warning(sentence)


@cache
def spans_of(settings: TraceSettings, warn: Warn = _to_the_log) -> Spans:
    """The tracing service that the settings name, kept between runs.

    ``warn`` is told, once in half a minute at most, that a collector did not take the spans.
    """
    if settings.tracing == "otlp":
        from downloads.tracing.otlp import OtlpSpans  # noqa: PLC0415 # slow to import: only where it is on

        return OtlpSpans(settings, warn)
    if settings.tracing == "xray":
        from downloads.tracing.xray import XraySpans  # noqa: PLC0415 # as above

        return XraySpans(settings.aws_xray_daemon_address)
    return UNTRACED
