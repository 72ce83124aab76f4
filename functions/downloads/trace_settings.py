"""What settings are made of that say where spans go."""

from typing import Annotated, Literal
from urllib.parse import unquote

from msgspec import Meta

from downloads.setting_parts import StageSettings


class TraceSettings(StageSettings):
    """``trace_sample_rate`` is the share of requests that are traced under ``otlp``, 0 to 1.

    The last two are Lambda's own variables; the address is as X-Ray's SDK reads it.
    """

    tracing: Literal["none", "xray", "otlp"] = "none"
    otlp_endpoint: str | None = None
    otlp_headers: str = ""
    trace_sample_rate: Annotated[float, Meta(ge=0, le=1)] = 1.0
    aws_lambda_function_name: str = "local"
    aws_xray_daemon_address: str = "127.0.0.1:2000"

    def __post_init__(self) -> None:
        if self.tracing == "otlp" and not self.otlp_endpoint:
            raise ValueError("TRACING=otlp needs OTLP_ENDPOINT")

    @property
    def headers(self) -> dict[str, str]:
        """Names and values, as OpenTelemetry's ``OTEL_EXPORTER_OTLP_HEADERS`` writes them."""
        pairs = (pair.partition("=") for pair in self.otlp_headers.split(",") if "=" in pair)
        return {name.strip().lower(): unquote(value.strip()) for name, _, value in pairs}

    @property
    def traces_url(self) -> str:
        """OTLP/HTTP: the path of a signal comes below the endpoint."""
        return f"{(self.otlp_endpoint or '').rstrip('/')}/v1/traces"
