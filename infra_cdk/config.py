"""What a stage is made of: limits, lifetimes, concurrency. Stages differ here and nowhere else."""

from dataclasses import dataclass, replace

from infra_cdk.addresses import AWS, Addresses

LANE_CONCURRENCY = range(2, 1001)
"""What SQS takes as the maximum concurrency of one event source mapping."""

LONGEST_WORKER_SECONDS = 900
"""Lambda ends a call after 15 minutes; six of them still fit SQS's visibility timeout of 12 hours."""

LONGEST_HOLD_SECONDS = 20
"""An HTTP API gives up after 30 seconds; the rest is for a cold start, the last reads and the answer."""

LOG_RETENTION = {
    1: "ONE_DAY",
    7: "ONE_WEEK",
    14: "TWO_WEEKS",
    30: "ONE_MONTH",
    90: "THREE_MONTHS",
    180: "SIX_MONTHS",
    365: "ONE_YEAR",
    731: "TWO_YEARS",
}
"""Days, of those that CloudWatch Logs offers, and what the CDK calls them."""

LONGEST_DELAY_MS = 900_000
"""SQS DelaySeconds ends at 15 minutes."""

LONGEST_URL_SECONDS = 604_800
"""A SigV4 presigned URL lives 7 days at most."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting an adopter may change. Names in capitals are the overriding context keys and variables.

    Raises:
        ValueError: a value that AWS would refuse or that contradicts another, naming the setting.
    """

    stage: str
    log_level: str = "INFO"
    log_retention_days: int = 30
    retain_data: bool = False
    tracing: bool = False
    memory_mb: int = 512
    api_timeout_seconds: int = 29
    worker_timeout_seconds: int = 30
    sse_hold_seconds: int = 20
    alarm_topic_arn: str | None = None

    max_concurrency: int = 5
    high_concurrency: int = 2
    max_attempts: int = 5

    min_file_id: int = 10_000
    max_file_id: int = 100_000_000
    max_files_per_job: int = 1_000

    url_ttl_seconds: int = 3_600
    job_ttl_seconds: int = 86_400
    job_deadline_seconds: int = 3_600
    sweep_grace_seconds: int = 120
    file_ttl_seconds: int = 604_800
    connection_ttl_seconds: int = 7_200

    download_delay_enabled: bool = False
    download_delay_min_ms: int = 10_000
    download_delay_max_ms: int = 120_000

    key_template: str = "downloads/{file_id}.zip"
    bucket_name: str | None = None
    s3_endpoint_url: str | None = None
    s3_path_style: bool = False
    s3_access_key_id: str | None = None
    s3_secret_access_key: str | None = None

    cors_origins: tuple[str, ...] = ()
    addresses: Addresses = AWS

    def __post_init__(self) -> None:
        _check_concurrency(self)
        _check_ranges(self)
        _check_objects(self)

    @property
    def normal_concurrency(self) -> int:
        """What the high lane leaves of MAX_CONCURRENCY."""
        return self.max_concurrency - self.high_concurrency

    @property
    def key_prefix(self) -> str:
        """The fixed beginning of every object key: what the functions may read."""
        return self.key_template.partition("{file_id}")[0]


def _check_concurrency(config: Config) -> None:
    if config.max_concurrency < 2 * LANE_CONCURRENCY.start:
        raise ValueError(f"MAX_CONCURRENCY is {config.max_concurrency}: two lanes need 2 each, so 4 or more")
    for lane in ("high", "normal"):
        share = getattr(config, f"{lane}_concurrency")
        if share not in LANE_CONCURRENCY:
            raise ValueError(f"HIGH_CONCURRENCY leaves the {lane} lane {share}: SQS takes 2 to 1000 a lane")


def _check_ranges(config: Config) -> None:
    for name in (
        "max_attempts", "min_file_id", "max_files_per_job", "job_ttl_seconds", "job_deadline_seconds",
        "sweep_grace_seconds", "file_ttl_seconds",
        "connection_ttl_seconds", "url_ttl_seconds", "worker_timeout_seconds", "api_timeout_seconds",
    ):  # fmt: skip
        if getattr(config, name) < 1:
            raise ValueError(f"{name.upper()} is {getattr(config, name)}: it must be 1 or more")
    if config.log_retention_days not in LOG_RETENTION:
        raise ValueError(f"LOG_RETENTION_DAYS is {config.log_retention_days}: one of {list(LOG_RETENTION)}")
    if config.worker_timeout_seconds > LONGEST_WORKER_SECONDS:
        raise ValueError(f"WORKER_TIMEOUT_SECONDS is {config.worker_timeout_seconds}: Lambda ends at 900")
    if config.job_deadline_seconds > config.job_ttl_seconds:
        raise ValueError("JOB_DEADLINE_SECONDS is above JOB_TTL_SECONDS: a job would be gone before it ends")
    if not 0 <= config.sse_hold_seconds <= LONGEST_HOLD_SECONDS:
        raise ValueError(f"SSE_HOLD_SECONDS is {config.sse_hold_seconds}: 0 to {LONGEST_HOLD_SECONDS}")
    if config.max_file_id < config.min_file_id:
        raise ValueError(f"MAX_FILE_ID {config.max_file_id} is below MIN_FILE_ID {config.min_file_id}")
    if config.url_ttl_seconds > LONGEST_URL_SECONDS:
        raise ValueError(f"URL_TTL_SECONDS is {config.url_ttl_seconds}: a presigned URL lives 7 days at most")
    if not 0 <= config.download_delay_min_ms <= config.download_delay_max_ms <= LONGEST_DELAY_MS:
        raise ValueError("DOWNLOAD_DELAY_MIN_MS and DOWNLOAD_DELAY_MAX_MS must grow and end at 900000")


def _check_objects(config: Config) -> None:
    if config.key_template.count("{file_id}") != 1:
        raise ValueError(f"KEY_TEMPLATE is {config.key_template!r}: it must hold {{file_id}} once")
    if config.s3_endpoint_url and not config.bucket_name:
        raise ValueError("S3_ENDPOINT_URL names another S3 server: BUCKET_NAME must say which bucket there")
    if bool(config.s3_access_key_id) != bool(config.s3_secret_access_key):
        raise ValueError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be given together")


STAGES = {
    "dev": Config(stage="dev", log_level="DEBUG", log_retention_days=7, cors_origins=("*",)),
    "prod": Config(stage="prod", log_retention_days=90, retain_data=True, memory_mb=1024),
}


def for_stage(stage: str, **overrides: object) -> Config:
    """The values of a stage with some replaced. Raises ValueError for an unknown stage or a bad value."""
    if stage not in STAGES:
        raise ValueError(f"STAGE is {stage!r}: one of {', '.join(STAGES)}")
    return replace(STAGES[stage], **overrides)  # type: ignore[arg-type]
