"""One settings model a Lambda, read from its environment: the only place that looks there."""

import json
import os
from datetime import timedelta
from typing import Annotated

from msgspec import Meta

from downloads.account_settings import AccountSettings, EntitlementSettings, TokenSettings
from downloads.bundle import MIB, Sizes
from downloads.setting_parts import (
    AnySettings,
    BundleSettings,
    GuardSettings,
    KeyTemplate,
    LaneSettings,
    LimitSettings,
    NoticeSettings,
    ObjectSettings,
    Positive,
    RestoreSettings,
    ScheduleSettings,
    Settings,
    StageSettings,
    read,
)


def load(model: type[AnySettings]) -> AnySettings:
    """The environment as a model reads it. Raises msgspec's ValidationError."""
    return read(model, {name.lower(): value for name, value in os.environ.items()})


def log_level() -> str:
    """Lambda's own level may be lower, so that it lets through what a sampled run logs."""
    return os.environ.get("LOG_LEVEL", "INFO")


def application() -> str | None:
    """What the SDK's own setting has calls to AWS say of who makes them."""
    return os.environ.get("AWS_SDK_UA_APP_ID")


def runtime_trace() -> str:
    """The trace that Lambda gives the run, where X-Ray is on: it is another with each run."""
    return os.environ.get("_X_AMZN_TRACE_ID", "") if os.environ.get("TRACING") == "xray" else ""


class RunSettings(Settings):
    """What every run does besides its work: lines of metrics for CloudWatch, counts for ``GET /metrics``."""

    cloudwatch_metrics: bool = True
    keep_metrics: bool = False

    @property
    def namespace(self) -> str:
        """Of CloudWatch's metrics: stages of one account stay apart."""
        return f"Downloads/{self.stage}"


class InitiateSettings(
    AccountSettings, EntitlementSettings, LaneSettings, ScheduleSettings, LimitSettings, GuardSettings
):
    """``bundles`` is whether there is a bucket for them."""

    bundles: bool


class JobsApiSettings(
    AccountSettings, EntitlementSettings, LaneSettings, ScheduleSettings, LimitSettings, ObjectSettings
):
    """``auth_endpoint`` is Cognito's API; another issuer has none."""

    bundle_bucket_name: str | None = None

    websocket_url: str
    token_issuer: str | None = None
    auth_client_id: str | None = None
    auth_endpoint: str | None = None


class SweepSettings(LaneSettings, ScheduleSettings, NoticeSettings, BundleSettings):
    """``restore_recheck_seconds`` is how often files are looked at that wait for their restore."""

    restore_recheck_seconds: Positive = 900

    @property
    def recheck(self) -> timedelta:
        return timedelta(seconds=self.restore_recheck_seconds)


class FinishSettings(LaneSettings):
    """``key_template`` tells whose key it is that was restored."""

    key_template: KeyTemplate


class BurySettings(Settings):
    parked_queue_url: str
    file_ttl_seconds: Positive


class RedriveSettings(LaneSettings, ScheduleSettings):
    parked_queue_url: str


class ProcessSettings(LaneSettings, ObjectSettings, RestoreSettings):
    max_attempts: Positive
    file_ttl_seconds: Positive


class WebsocketSettings(Settings):
    websocket_endpoint: str
    connection_ttl_seconds: Positive


class CloseSettings(Settings):
    websocket_endpoint: str


class PublishSettings(WebsocketSettings, NoticeSettings, BundleSettings):
    """``history_queue_url`` only where ended jobs are kept."""

    history_queue_url: str | None = None


class ExportSettings(Settings):
    """``history_secret_arn`` names the secret with the database; ``history_url`` says what that leaves out:
    ``postgres/connection.py``.
    """

    history_secret_arn: str
    history_url: str | None = None


class ForgetSettings(Settings):
    """As above, where there is a history."""

    history_secret_arn: str | None = None
    history_url: str | None = None


class StreamSettings(AccountSettings, TokenSettings):
    """Seconds that a connection with nothing new is held; an HTTP API gives up after 30."""

    sse_hold_seconds: Annotated[int, Meta(ge=0, le=20)]


class ExposeSettings(LaneSettings, BundleSettings):
    """``letter_queues`` is a JSON object: the name and the URL of each queue that should be empty."""

    max_concurrency: Positive
    letter_queues: str
    metrics_token_arn: str

    @property
    def letters(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.letter_queues)
        return found


class BundlerSettings(ObjectSettings, BundleSettings):
    """Bytes of an archive at most, MiB of a part of its upload; deliveries of a message until it is given up.

    S3 takes parts of 5 MiB and more.
    """

    bundle_bucket_name: str | None = None
    bundle_max_bytes: Positive
    bundle_part_mb: Annotated[int, Meta(ge=5, le=64)]
    max_attempts: Positive

    @property
    def sizes(self) -> Sizes:
        return Sizes(self.bundle_max_bytes, self.bundle_part_mb * MIB)


class DeliverSettings(NoticeSettings, GuardSettings):
    webhook_dead_letters_url: str
    webhook_secret_arn: str
    file_ttl_seconds: Positive


class FaultSettings(StageSettings):
    """Where faults are told (a DSN, or nowhere), and the share of runs whose performance is, 0 to 1."""

    sentry_dsn: str | None = None
    sentry_sample_rate: Annotated[float, Meta(ge=0, le=1)] = 0.0


class AuthorizeSettings(TokenSettings):
    """No more than what is shared."""
