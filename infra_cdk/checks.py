"""What a setting may be: refused here, by its name, before anything is deployed."""

from dataclasses import fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra_cdk.config import Config

LANE_CONCURRENCY = range(2, 1001)
"""What SQS takes as the maximum concurrency of one event source mapping."""

LONGEST_WORKER_SECONDS = 900
"""Lambda ends a call after 15 minutes; six of them still fit SQS's visibility timeout of 12 hours."""

LONGEST_HOLD_SECONDS = 20
"""An HTTP API gives up after 30 seconds; the rest is for a cold start, the last reads and the answer."""

MOST_RECEIVES = 1_000
"""SQS takes a maxReceiveCount of 1 to 1,000."""

LONGEST_LIFE_SECONDS = 31_536_000
"""Longer, and a moment so far away may not fit a date."""

LOG_LEVELS = {"DEBUG": "DEBUG", "INFO": "INFO", "WARNING": "WARN", "ERROR": "ERROR", "CRITICAL": "FATAL"}
"""Python's names of the levels, and Lambda's."""

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

LONGEST_ROLE_URL_SECONDS = 3_600
"""A URL that a function signs with its role dies with the role's session, whatever it promises."""

LARGEST_FILE_ID = 999_999_999
"""Keys of file items have nine digits."""

MOST_FILES = 10_000
"""As many ids fit DynamoDB's 400 KB an item, and a body of 256 KB."""


def concurrency(config: "Config") -> None:
    """Each lane gets what SQS takes."""
    if config.max_concurrency < 2 * LANE_CONCURRENCY.start:
        raise ValueError(f"MAX_CONCURRENCY is {config.max_concurrency}: two lanes need 2 each, so 4 or more")
    for lane in ("high", "normal"):
        share = getattr(config, f"{lane}_concurrency")
        if share not in LANE_CONCURRENCY:
            raise ValueError(f"HIGH_CONCURRENCY leaves the {lane} lane {share}: SQS takes 2 to 1000 a lane")


def ranges(config: "Config") -> None:
    """Whole numbers are 1 or more, delays 0 or more, and none is more than the services can do."""
    for field in fields(config):
        least = 0 if field.name.startswith(("download_delay", "sse_hold")) else 1
        if field.type is int and getattr(config, field.name) < least:
            value = getattr(config, field.name)
            raise ValueError(f"{field.name.upper()} is {value}: it must be {least} or more")
    if config.worker_timeout_seconds > LONGEST_WORKER_SECONDS:
        raise ValueError(f"WORKER_TIMEOUT_SECONDS is {config.worker_timeout_seconds}: Lambda ends at 900")
    if config.job_deadline_seconds > config.job_ttl_seconds:
        raise ValueError("JOB_DEADLINE_SECONDS is above JOB_TTL_SECONDS: a job would be gone before it ends")
    if config.sse_hold_seconds > LONGEST_HOLD_SECONDS:
        raise ValueError(f"SSE_HOLD_SECONDS is {config.sse_hold_seconds}: 0 to {LONGEST_HOLD_SECONDS}")
    if config.max_attempts > MOST_RECEIVES:
        raise ValueError(f"MAX_ATTEMPTS is {config.max_attempts}: SQS counts 1000 receives at most")
    if config.job_ttl_seconds > LONGEST_LIFE_SECONDS:
        raise ValueError(f"JOB_TTL_SECONDS is {config.job_ttl_seconds}: a year (31536000) at most")
    if config.max_file_id < config.min_file_id:
        raise ValueError(f"MAX_FILE_ID {config.max_file_id} is below MIN_FILE_ID {config.min_file_id}")
    if config.max_file_id > LARGEST_FILE_ID:
        raise ValueError(f"MAX_FILE_ID is {config.max_file_id}: keys have nine digits, so 999999999 at most")
    if config.max_files_per_job > MOST_FILES:
        raise ValueError(f"MAX_FILES_PER_JOB is {config.max_files_per_job}: one item holds 10000 ids at most")
    if not config.download_delay_min_ms <= config.download_delay_max_ms <= LONGEST_DELAY_MS:
        raise ValueError("DOWNLOAD_DELAY_MIN_MS and DOWNLOAD_DELAY_MAX_MS must grow and end at 900000")


def words(config: "Config") -> None:
    """Settings that are one of a list."""
    if config.log_level not in LOG_LEVELS:
        raise ValueError(f"LOG_LEVEL is {config.log_level!r}: one of {', '.join(LOG_LEVELS)}")
    if config.log_retention_days not in LOG_RETENTION:
        raise ValueError(f"LOG_RETENTION_DAYS is {config.log_retention_days}: one of {list(LOG_RETENTION)}")


def links(config: "Config") -> None:
    """A link lives as long as it promises, and another S3 server is told completely."""
    ttl = config.url_ttl_seconds
    if ttl > LONGEST_URL_SECONDS:
        raise ValueError(f"URL_TTL_SECONDS is {ttl}: a presigned URL lives 7 days at most")
    if ttl > LONGEST_ROLE_URL_SECONDS and not config.s3_access_key_id:
        raise ValueError(
            f"URL_TTL_SECONDS is {ttl}: without S3_ACCESS_KEY_ID 3600 at most, "
            "because a URL signed by a role's session dies with the session"
        )
    if config.s3_endpoint_url and not config.bucket_name:
        raise ValueError("S3_ENDPOINT_URL names another S3 server: BUCKET_NAME must say which bucket there")
    if bool(config.s3_access_key_id) != bool(config.s3_secret_access_key):
        raise ValueError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be given together")


def webhooks(config: "Config") -> None:
    """What a laptop may do, production may not."""
    for name in ("webhook_allow_http", "webhook_allow_private"):
        if config.stage == "prod" and getattr(config, name):
            raise ValueError(
                f"{name.upper()} is for a laptop: STAGE prod calls https and public addresses only"
            )


def keys(config: "Config") -> None:
    """The template makes a key of a file id, and of nothing else."""
    template = config.key_template
    if template.count("{file_id}") != 1:
        raise ValueError(f"KEY_TEMPLATE is {template!r}: it must hold {{file_id}} once")
    try:
        template.format(file_id=config.min_file_id)
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ValueError(f"KEY_TEMPLATE is {template!r}: {{file_id}} is all it may hold in braces") from None
