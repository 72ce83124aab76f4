"""What a setting may be: refused here, by its name, before anything is deployed."""

import re
from dataclasses import fields
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from infra_cdk.config import Config

LANE_CONCURRENCY = range(2, 1001)
"""What SQS takes as the maximum concurrency of one event source mapping."""

MOST = {
    "worker_timeout_seconds": (900, "Lambda ends a call after 15 minutes (900)"),
    "bundle_timeout_seconds": (900, "Lambda ends a call after 15 minutes (900)"),
    "api_timeout_seconds": (29, "an HTTP API waits for 29, whatever its function still does"),
    "sse_hold_seconds": (20, "0 to 20, because an HTTP API waits for 29 and an answer takes its time too"),
    "stream_parallelization": (10, "Lambda takes 10 batches of a shard at once"),
    "max_attempts": (1_000, "SQS counts 1000 receives at most"),
    "job_ttl_seconds": (31_536_000, "a year (31536000) at most, or a moment may not fit a date"),
    "url_ttl_seconds": (3_600, "an hour (3600) at most, because whoever holds a URL may read the file"),
    "max_open_jobs": (100, "100 at most, because the ids of a caller's open jobs share one item"),
    "rate_limit_per_minute": (60_000, "a token a millisecond (60000) at most"),
    "max_file_id": (999_999_999, "keys have nine digits, so 999999999 at most"),
    "max_files_per_job": (10_000, "10000 ids at most fit DynamoDB's 400 KB an item, and a body of 256 KB"),
}
"""The most that a service takes of a setting, and why."""

PART_MB = range(5, 65)
"""MiB of a part of a bundle's upload: S3 takes no less, and two of more don't fit into a function."""

MOST_PARTS = 10_000
"""What S3 takes of one upload."""

LEAST_ARCHIVE = 1_000_000_000
"""Bytes: what is told of each archive shares one item, of 400 KB; in six hours no more than fit are made."""

BUNDLER_MB = 192
"""What a run of the bundler takes besides its two parts: Python, its packages, and what TLS has in hand."""

SHORTEST_BUNDLING = 30
"""A run writes a part, and then more as long as 30 seconds are left."""

MEMORY_MB = range(128, 10_241)
"""What Lambda gives a function."""

SERVER = re.compile(r"https?://[^/\s?#@]+(/[^\s?#]*)?")
LOOPBACK = re.compile(r"localhost|127\.[\d.]+|::1|0\.0\.0\.0")
ORIGIN = re.compile(r"\*|https?://[^/\s*@?#]+")

SECRET = re.compile(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}")
"""A whole ARN: without the six characters that Secrets Manager adds, IAM allows what nobody asks for."""

TLS_WORD = r"(sslmode=[a-z-]+|sslrootcert=/[\w/.-]+)"
DATABASE = re.compile(rf"postgres(ql)?://[\w.-]+(:\d+)?(/[\w-]+)?(\?{TLS_WORD}(&{TLS_WORD})*)?")
LAYER = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]+:\d+")

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

LAST_CALL_SECONDS = 1_800
"""What the sweeper may be late, and the notice of a job's end after it, before the job is gone."""


PACES = {
    "Canary10Percent5Minutes": "CANARY_10_PERCENT_5_MINUTES",
    "Canary10Percent10Minutes": "CANARY_10_PERCENT_10_MINUTES",
    "Canary10Percent15Minutes": "CANARY_10_PERCENT_15_MINUTES",
    "Canary10Percent30Minutes": "CANARY_10_PERCENT_30_MINUTES",
    "Linear10PercentEvery1Minute": "LINEAR_10_PERCENT_EVERY_1_MINUTE",
    "Linear10PercentEvery2Minutes": "LINEAR_10_PERCENT_EVERY_2_MINUTES",
    "Linear10PercentEvery3Minutes": "LINEAR_10_PERCENT_EVERY_3_MINUTES",
}
"""CodeDeploy's names of the ways to a new version, without their prefix, and the CDK's."""

RESTORE_TIERS = ("Expedited", "Standard", "Bulk", "none")
"""S3's names, and none: then an archived file fails."""

DAY_SECONDS = 86_400
LONGEST_RESTORE_SECONDS = {"Expedited": 18 * 3_600, "Standard": 18 * 3_600, "Bulk": 72 * 3_600}
"""What is typical from Deep Archive, and half as long again before a job gives up."""

BUNDLE_SECONDS = 6 * 3_600
"""What the archive of a job may take, once its files are ready."""


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
    for name, (most, why) in MOST.items():
        if getattr(config, name) > most:
            raise ValueError(f"{name.upper()} is {getattr(config, name)}: {why}")
    if config.memory_mb not in MEMORY_MB:
        raise ValueError(f"MEMORY_MB is {config.memory_mb}: Lambda gives 128 to 10240")


def order(config: "Config") -> None:
    """Settings that bound one another."""
    if config.job_deadline_seconds + LAST_CALL_SECONDS > config.job_ttl_seconds:
        raise ValueError("JOB_DEADLINE_SECONDS must leave 1800 of JOB_TTL_SECONDS, to end the job in")
    if config.file_ttl_seconds < config.job_ttl_seconds:
        raise ValueError("FILE_TTL_SECONDS is below JOB_TTL_SECONDS: a job would outlive its results")
    if config.max_file_id < config.min_file_id:
        raise ValueError(f"MAX_FILE_ID {config.max_file_id} is below MIN_FILE_ID {config.min_file_id}")
    if not config.download_delay_min_ms <= config.download_delay_max_ms <= LONGEST_DELAY_MS:
        raise ValueError("DOWNLOAD_DELAY_MIN_MS and DOWNLOAD_DELAY_MAX_MS must grow and end at 900000")


def words(config: "Config") -> None:
    """Settings that are one of a list, or have a form."""
    if config.log_level not in LOG_LEVELS:
        raise ValueError(f"LOG_LEVEL is {config.log_level!r}: one of {', '.join(LOG_LEVELS)}")
    if config.log_retention_days not in LOG_RETENTION:
        raise ValueError(f"LOG_RETENTION_DAYS is {config.log_retention_days}: one of {list(LOG_RETENTION)}")
    for origin in config.cors_origins:
        if not ORIGIN.fullmatch(origin):
            raise ValueError(f"CORS_ORIGINS has {origin!r}: an origin is https://host[:port] without a path")


def links(config: "Config") -> None:
    """Another S3 server is told completely, and by addresses that can be signed for."""
    for name in ("s3_endpoint_url", "s3_public_endpoint_url"):
        url = getattr(config, name)
        if url and not SERVER.fullmatch(url):
            raise ValueError(f"{name.upper()} is {url!r}: it takes http(s)://HOST[:PORT][/path]")
    if config.s3_endpoint_url and not config.bucket_name:
        raise ValueError("S3_ENDPOINT_URL names another S3 server: BUCKET_NAME must say which bucket there")
    if bool(config.s3_access_key_id) != bool(config.s3_secret_access_key):
        raise ValueError("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY must be given together")


def reached_by_lambda(config: "Config") -> None:
    """On AWS another S3 server has a public name and TLS: its links are as good as the files."""
    for name in ("s3_endpoint_url", "s3_public_endpoint_url"):
        url = urlsplit(getattr(config, name) or "https://unset.example")
        if url.scheme != "https" or LOOPBACK.fullmatch(url.hostname or ""):
            raise ValueError(f"{name.upper()} is {url.geturl()!r}: on AWS it takes https, and no loopback")


def bundles(config: "Config") -> None:
    """An archive fits into the parts that S3 takes, and a run of the bundler has time for one."""
    if config.bundle_part_mb not in PART_MB:
        raise ValueError(f"BUNDLE_PART_MB is {config.bundle_part_mb}: 5 to 64")
    most = config.bundle_part_mb * 1024 * 1024 * MOST_PARTS
    if config.bundle_max_bytes > most:
        raise ValueError(
            f"BUNDLE_MAX_BYTES is {config.bundle_max_bytes}: 10000 parts of BUNDLE_PART_MB are {most}"
        )
    if config.bundle_max_bytes < LEAST_ARCHIVE:
        raise ValueError(f"BUNDLE_MAX_BYTES is {config.bundle_max_bytes}: {LEAST_ARCHIVE} or more")
    # A large file has its parts grow up to 64 MiB, whatever BUNDLE_PART_MB is.
    least_memory = 2 * PART_MB[-1] + BUNDLER_MB
    if config.bundles and config.memory_mb < least_memory:
        raise ValueError(f"MEMORY_MB is {config.memory_mb}: a bundle takes {least_memory}")
    if config.bundle_concurrency not in LANE_CONCURRENCY:
        raise ValueError(f"BUNDLE_CONCURRENCY is {config.bundle_concurrency}: SQS takes 2 to 1000")
    if config.bundle_timeout_seconds < SHORTEST_BUNDLING:
        raise ValueError(f"BUNDLE_TIMEOUT_SECONDS is {config.bundle_timeout_seconds}: 30 or more")


def data(config: "Config") -> None:
    """Production's table and bucket outlive a mistaken deletion of the stack."""
    if config.stage == "prod" and not config.retain_data:
        raise ValueError("RETAIN_DATA is false: STAGE prod keeps its data, and its table is protected")


def restores(config: "Config") -> None:
    """Copies, and what is known of a file, last as long as a job that waits for the slowest restore."""
    if config.restore_tier not in RESTORE_TIERS:
        tiers = ", ".join(RESTORE_TIERS)
        raise ValueError(f"RESTORE_TIER is {config.restore_tier!r}: one of {tiers}")
    if not config.restores:
        return
    longest = config.longest_life_seconds
    if config.restore_days * DAY_SECONDS < longest:
        raise ValueError(
            f"RESTORE_DAYS is {config.restore_days}: {ceil(longest / DAY_SECONDS)} or more with RESTORE_TIER "
            f"{config.restore_tier}, or copies end while their job waits for others"
        )
    if config.file_ttl_seconds < longest:
        raise ValueError(
            f"FILE_TTL_SECONDS is {config.file_ttl_seconds}: a job that waits for a restore lasts {longest}"
        )


def canary(config: "Config") -> None:
    """How a new version takes over: at once, or at one of CodeDeploy's paces."""
    if config.canary != "none" and config.canary not in PACES:
        raise ValueError(f"CANARY is {config.canary!r}: none, or one of {', '.join(PACES)}")


def history(config: "Config") -> None:
    """The database is named by a secret, and what that leaves out; a network is named as a whole."""
    if config.history_secret_arn and not SECRET.fullmatch(config.history_secret_arn):
        wanted = (
            "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX, with the six characters at its end"
        )
        raise ValueError(f"HISTORY_SECRET_ARN is {config.history_secret_arn!r}: {wanted}")
    if config.history_url and not DATABASE.fullmatch(config.history_url):
        # Not quoted: it may hold a password.
        wanted = (
            "postgresql://HOST[:PORT][/DATABASE][?sslmode=…&sslrootcert=/opt/…], without user and password"
        )
        raise ValueError(f"HISTORY_URL takes {wanted}")
    if config.history_layer_arn and not LAYER.fullmatch(config.history_layer_arn):
        wanted = "arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION"
        raise ValueError(f"HISTORY_LAYER_ARN is {config.history_layer_arn!r}: {wanted}")
    if (config.history_url or config.history_layer_arn) and not config.history_secret_arn:
        raise ValueError(
            "HISTORY_URL and HISTORY_LAYER_ARN go with HISTORY_SECRET_ARN, which says who signs in"
        )
    if bool(config.history_subnet_ids) != bool(config.history_security_group_ids):
        raise ValueError(
            "HISTORY_SUBNET_IDS and HISTORY_SECURITY_GROUP_IDS go together: give both, or neither"
        )


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
