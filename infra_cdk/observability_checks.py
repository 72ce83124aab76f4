"""What a setting may be that says where the functions tell of themselves: refused here, by its name."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra_cdk.config import Config

TRACING = {"none": (), "xray": ("xray",), "otlp": ("opentelemetry",)}
"""Where spans go, and the layers with what sends them there."""

ENDPOINT = re.compile(r"https?://[^/\s?#@]+(/[^\s?#]*)?")
"""OTLP/HTTP: a base, to which a signal's own path is added."""

HEADER = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+=[\x21-\x2b\x2d-\x7e]+"
HEADERS = re.compile(rf"{HEADER}(,{HEADER})*")
"""Names as in RFC 9110, values without spaces and commas: those are written as %20 and %2C."""

DSN = re.compile(r"https?://[0-9A-Za-z]+(:[^@/\s]+)?@[^/\s?#@]+(/[^\s?#]+)?/\d+")
"""Sentry: https://KEY@HOST/PROJECT, the project a number."""

RATES = ("trace_sample_rate", "sentry_sample_rate", "log_sample_rate")


def tracing(config: "Config") -> None:
    """Spans that go by OTLP need a collector, which nothing else does."""
    if config.tracing not in TRACING:
        raise ValueError(f"TRACING is {config.tracing!r}: one of {', '.join(TRACING)}")
    if config.tracing != "otlp":
        for name in ("otlp_endpoint", "otlp_headers"):
            if getattr(config, name):
                raise ValueError(f"{name.upper()} is for TRACING otlp, and TRACING is {config.tracing!r}")
        return
    if not config.otlp_endpoint:
        raise ValueError("TRACING otlp needs OTLP_ENDPOINT: the collector, http(s)://HOST:4318")
    if not ENDPOINT.fullmatch(config.otlp_endpoint):
        raise ValueError(f"OTLP_ENDPOINT is {config.otlp_endpoint!r}: it takes http(s)://HOST:PORT[/path]")
    if config.otlp_headers and not HEADERS.fullmatch(config.otlp_headers):
        # A header is most often a key, and a message ends up in a log.
        raise ValueError("OTLP_HEADERS takes NAME=VALUE,NAME=VALUE, without spaces")


def rates(config: "Config") -> None:
    """Shares of all runs or traces."""
    for name in RATES:
        if not 0 <= getattr(config, name) <= 1:
            raise ValueError(f"{name.upper()} is {getattr(config, name)}: a share, 0 to 1")


def sentry(config: "Config") -> None:
    """A project is named by its DSN."""
    if config.sentry_dsn and not DSN.fullmatch(config.sentry_dsn):
        raise ValueError(f"SENTRY_DSN is {config.sentry_dsn!r}: it takes https://KEY@HOST/PROJECT")
    if config.sentry_sample_rate and not config.sentry_dsn:
        raise ValueError("SENTRY_SAMPLE_RATE is for SENTRY_DSN, which says whom to tell")
