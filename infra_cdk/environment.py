"""The environment variables of the functions, by what they are about."""

from infra_cdk.config import Config

Variables = dict[str, str]


def common(config: Config) -> Variables:
    """What every function gets."""
    return {
        "STAGE": config.stage,
        "LOG_LEVEL": config.log_level,
        "POWERTOOLS_SERVICE_NAME": "downloads",
        "CLOUDWATCH_METRICS": str(config.cloudwatch_metrics).lower(),
        **traces(config),
        **reports(config),
    }


def traces(config: Config) -> Variables:
    """Where spans go; headers, which may be a key, are plain variables."""
    if config.tracing != "otlp":
        return {"TRACING": config.tracing}
    return {
        "TRACING": config.tracing,
        "TRACE_SAMPLE_RATE": str(config.trace_sample_rate),
        "OTLP_ENDPOINT": config.otlp_endpoint or "",
        **({"OTLP_HEADERS": config.otlp_headers} if config.otlp_headers else {}),
    }


def reports(config: Config) -> Variables:
    """Whom exceptions are told, and how many runs tell everything; nothing where it is nobody and none."""
    found: Variables = {}
    if config.sentry_dsn:
        found |= {"SENTRY_DSN": config.sentry_dsn, "SENTRY_SAMPLE_RATE": str(config.sentry_sample_rate)}
    if config.log_sample_rate:
        # Powertools writes a rate that it is told, even 0, into every line.
        found["POWERTOOLS_LOGGER_SAMPLE_RATE"] = str(config.log_sample_rate)
    return found


def limits(config: Config) -> Variables:
    """What a request may ask for."""
    return {
        "MIN_FILE_ID": str(config.min_file_id),
        "MAX_FILE_ID": str(config.max_file_id),
        "MAX_FILES_PER_JOB": str(config.max_files_per_job),
    }


def schedule(config: Config) -> Variables:
    """How long a job and its results are kept, and it may take and show no progress; how it is estimated."""
    return {
        "FILE_TTL_SECONDS": str(config.file_ttl_seconds),
        "JOB_TTL_SECONDS": str(config.job_ttl_seconds),
        "JOB_DEADLINE_SECONDS": str(config.job_deadline_seconds),
        "SWEEP_GRACE_SECONDS": str(config.sweep_grace_seconds),
        "MAX_CONCURRENCY": str(config.max_concurrency),
        "DOWNLOAD_DELAY_ENABLED": str(config.download_delay_enabled).lower(),
        "DOWNLOAD_DELAY_MIN_MS": str(config.download_delay_min_ms),
        "DOWNLOAD_DELAY_MAX_MS": str(config.download_delay_max_ms),
    }


def restores(config: Config) -> Variables:
    """What is done about archived files, and how long a job that waits for them may take and is kept."""
    return {
        "FILE_TTL_SECONDS": str(config.file_ttl_seconds),
        "RESTORE_TIER": config.restore_tier,
        "RESTORE_DAYS": str(config.restore_days),
        "JOB_TTL_SECONDS": str(config.job_ttl_seconds),
        "JOB_DEADLINE_SECONDS": str(config.job_deadline_seconds),
    }


def guard(config: Config) -> Variables:
    """What a callback URL may be."""
    return {
        "WEBHOOK_ALLOW_HTTP": str(config.webhook_allow_http).lower(),
        "WEBHOOK_ALLOW_PRIVATE": str(config.webhook_allow_private).lower(),
    }


def rates(config: Config) -> Variables:
    """How often one caller may ask, and how many jobs may be open at once."""
    return {
        "RATE_LIMIT_PER_MINUTE": str(config.rate_limit_per_minute),
        "RATE_LIMIT_BURST": str(config.rate_limit_burst),
        "MAX_OPEN_JOBS": str(config.max_open_jobs),
    }


def files_of_a_caller(config: Config) -> Variables:
    """The claim that says which files a caller may fetch, where one says so."""
    return {"FILES_CLAIM": config.files_claim} if config.files_claim else {}


def objects(config: Config, bucket_name: str) -> Variables:
    """Where the files lie and how long their URLs live; the S3 server only where it isn't AWS's.

    The first is a setting of every AWS SDK: the functions know nothing of it.
    """
    server = {
        "AWS_ENDPOINT_URL_S3": config.s3_endpoint_url,
        "S3_PUBLIC_ENDPOINT_URL": config.s3_public_endpoint_url,
        "S3_REGION": config.s3_region,
        "S3_PATH_STYLE": "true" if config.s3_path_style else None,
        "S3_ACCESS_KEY_ID": config.s3_access_key_id,
        "S3_SECRET_ACCESS_KEY": config.s3_secret_access_key,
    }
    return {
        "BUCKET_NAME": bucket_name,
        "KEY_TEMPLATE": config.key_template,
        "URL_TTL_SECONDS": str(config.url_ttl_seconds),
        **{name: value for name, value in server.items() if value},
    }
