"""What a stage is made of: limits, lifetimes, concurrency. Stages differ here and nowhere else."""

from dataclasses import dataclass, replace

from infra_cdk import (
    alarm_checks,
    checks,
    demo_page_files,
    edge_checks,
    identity_checks,
    observability_checks,
    scaling_steps,
)
from infra_cdk.addresses import AWS, Addresses
from infra_cdk.thresholds import Thresholds


@dataclass(frozen=True, kw_only=True)
class Config(Thresholds):
    """Every setting an adopter may change. Names in capitals are the overriding context keys.

    Raises:
        ValueError: a value that AWS would refuse or that contradicts another, naming the setting.
    """

    stage: str
    log_level: str = "INFO"
    log_retention_days: int = 30
    retain_data: bool = False
    memory_mb: int = 512
    api_timeout_seconds: int = 29
    worker_timeout_seconds: int = 30
    sse_hold_seconds: int = 20

    tracing: str = "none"
    otlp_endpoint: str | None = None
    otlp_headers: str | None = None
    trace_sample_rate: float = 1.0
    sentry_dsn: str | None = None
    sentry_sample_rate: float = 0.0
    log_sample_rate: float = 0.0
    cloudwatch_metrics: bool = True
    metrics_endpoint: bool = False

    max_concurrency: int = 5
    high_concurrency: int = 2
    stream_parallelization: int = 1
    normal_pollers: tuple[str, ...] = ()
    scale_at: tuple[str, ...] = ()
    scale_time_zone: str = "UTC"
    max_attempts: int = 5

    min_file_id: int = 10_000
    max_file_id: int = 100_000_000
    max_files_per_job: int = 1_000

    url_ttl_seconds: int = 900
    job_ttl_seconds: int = 86_400
    job_deadline_seconds: int = 3_600
    sweep_grace_seconds: int = 120
    file_ttl_seconds: int = 604_800
    connection_ttl_seconds: int = 7_200

    restore_tier: str = "Standard"
    restore_days: int = 3
    restore_recheck_seconds: int = 900

    api_rate_limit: int = 100
    api_burst_limit: int = 200
    websocket_rate_limit: int = 100
    websocket_burst_limit: int = 200

    canary: str = "none"
    snap_start: bool = False

    download_delay_enabled: bool = False
    download_delay_min_ms: int = 10_000
    download_delay_max_ms: int = 120_000

    bundle_bucket_name: str | None = None
    bundle_max_bytes: int = 50_000_000_000
    bundle_part_mb: int = 16
    bundle_concurrency: int = 2
    bundle_timeout_seconds: int = 900

    key_template: str = "downloads/{file_id}.zip"
    bucket_name: str | None = None
    s3_endpoint_url: str | None = None
    s3_public_endpoint_url: str | None = None
    s3_region: str | None = None
    s3_path_style: bool = False
    s3_access_key_id: str | None = None
    s3_secret_access_key: str | None = None

    history_secret_arn: str | None = None
    history_url: str | None = None
    history_layer_arn: str | None = None
    history_subnet_ids: tuple[str, ...] = ()
    history_security_group_ids: tuple[str, ...] = ()

    auth_mode: str = "jwt"
    oidc_issuer: str | None = None
    oidc_audiences: tuple[str, ...] = ()
    oidc_jwks_url: str | None = None
    oidc_client_id: str | None = None
    files_claim: str | None = None

    rate_limit_per_minute: int = 60
    rate_limit_burst: int = 20
    max_open_jobs: int = 20

    customer_key: bool = False

    webhook_allow_http: bool = False
    webhook_allow_private: bool = False

    cors_origins: tuple[str, ...] = ()
    demo_page: bool = False
    demo_files: tuple[str, ...] = ()
    demo_sign_in: tuple[str, ...] = ()
    edge: bool = False
    edge_domain: str | None = None
    edge_certificate_arn: str | None = None
    edge_web_acl_arn: str | None = None
    addresses: Addresses = AWS
    metric_math: bool = True

    def __post_init__(self) -> None:
        checks.concurrency(self)
        scaling_steps.scaling(self)
        checks.ranges(self)
        checks.order(self)
        checks.words(self)
        checks.links(self)
        checks.keys(self)
        checks.bundles(self)
        checks.webhooks(self)
        checks.canary(self)
        checks.history(self)
        checks.data(self)
        checks.restores(self)
        alarm_checks.percents(self)
        alarm_checks.topic(self)
        alarm_checks.runbook(self)
        identity_checks.mode(self)
        identity_checks.issuer(self)
        identity_checks.claim(self)
        identity_checks.origins(self)
        observability_checks.tracing(self)
        observability_checks.rates(self)
        observability_checks.sentry(self)
        demo_page_files.listed(self)
        identity_checks.demo_sign_in(self)
        edge_checks.settings(self)

    @property
    def bundles(self) -> bool:
        """Whether there is a bucket for archives: on another S3 server, none is made."""
        return bool(self.bundle_bucket_name or not self.s3_endpoint_url)

    @property
    def has_canary(self) -> bool:
        """Whether a new version takes over by degrees."""
        return self.canary != "none"

    @property
    def normal_concurrency(self) -> int:
        """What the high lane leaves of MAX_CONCURRENCY."""
        return self.max_concurrency - self.high_concurrency

    @property
    def key_prefix(self) -> str:
        """The fixed beginning of every object key: what the functions may read."""
        return self.key_template.partition("{file_id}")[0].format()

    @property
    def restores(self) -> bool:
        """Whether archived files are restored."""
        return self.restore_tier != "none"

    @property
    def longest_life_seconds(self) -> int:
        """From the beginning of a job's slowest restore until the job is gone, with its bundle in between."""
        if not self.restores:
            return self.job_ttl_seconds
        waiting = checks.LONGEST_RESTORE_SECONDS[self.restore_tier] + self.job_deadline_seconds
        return waiting + checks.BUNDLE_SECONDS + self.job_ttl_seconds

    @property
    def scrape_layers(self) -> tuple[str, ...]:
        """Folders below `layers/` with what GET /metrics alone needs."""
        return ("prometheus",) if self.metrics_endpoint else ()

    @property
    def history_layers(self) -> tuple[str, ...]:
        """Folders below `layers/` with what the functions of the history alone need."""
        return ("history",) if self.history_secret_arn else ()

    @property
    def extra_layers(self) -> tuple[str, ...]:
        """Folders below `layers/` with what only some stages need."""
        sentry = ("sentry",) if self.sentry_dsn else ()
        return (*observability_checks.TRACING[self.tracing], *sentry)


STAGES = {
    "dev": Config(stage="dev", log_level="DEBUG", log_retention_days=7, cors_origins=("*",)),
    "prod": Config(
        stage="prod",
        log_retention_days=90,
        retain_data=True,
        customer_key=True,
        memory_mb=1024,
        trace_sample_rate=0.1,
        api_rate_limit=1_000,
        api_burst_limit=2_000,
        websocket_rate_limit=500,
        websocket_burst_limit=1_000,
    ),
}


def for_stage(stage: str, **overrides: object) -> Config:
    """The values of a stage with some replaced. Raises ValueError for an unknown stage or a bad value."""
    if stage not in STAGES:
        raise ValueError(f"STAGE is {stage!r}: one of {', '.join(STAGES)}")
    return replace(STAGES[stage], **overrides)  # type: ignore[arg-type] # overrides.py gives each value the type of its field
