"""Settings: what stages are, what an override may be, and what is refused before anything is deployed."""

from dataclasses import FrozenInstanceError

import pytest

from infra_cdk.app import configure
from infra_cdk.config import STAGES, for_stage
from infra_cdk.overrides import given, misspelt, parse, setting_names

OTLP: dict[str, object] = {"tracing": "otlp", "otlp_endpoint": "http://otel.example:4318"}
OIDC: dict[str, object] = {"oidc_issuer": "https://id.example", "oidc_audiences": ("downloads",)}


def test_the_high_lane_gets_two_of_five() -> None:
    config = for_stage("dev")
    assert (config.high_concurrency, config.normal_concurrency) == (2, 3)


def test_a_configuration_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        for_stage("dev").stage = "prod"  # type: ignore[misc] # what is not allowed is what the test tries


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"max_concurrency": 3}, "MAX_CONCURRENCY is 3: two lanes need 2 each, so 4 or more"),
        ({"max_concurrency": 4, "high_concurrency": 3}, "the normal lane 1"),
        ({"high_concurrency": 1}, "the high lane 1"),
        ({"max_concurrency": 1_500}, "the normal lane 1498"),
        ({"max_attempts": 0}, "MAX_ATTEMPTS is 0"),
        ({"restore_tier": "bulk"}, "RESTORE_TIER is 'bulk': one of Expedited, Standard, Bulk, none"),
        ({"restore_days": 2}, "RESTORE_DAYS is 2: 3 or more with RESTORE_TIER Standard"),
        ({"restore_tier": "Bulk"}, "RESTORE_DAYS is 3: 5 or more with RESTORE_TIER Bulk"),
        ({"file_ttl_seconds": 80_000}, "FILE_TTL_SECONDS is below JOB_TTL_SECONDS"),
        (
            {"file_ttl_seconds": 150_000},
            "FILE_TTL_SECONDS is 150000: a job that waits for a restore lasts 176400",
        ),
        ({"stream_parallelization": 11}, "STREAM_PARALLELIZATION is 11: Lambda takes 10 batches"),
        ({"max_attempts": 1_001}, "MAX_ATTEMPTS is 1001: SQS counts 1000"),
        ({"job_ttl_seconds": 10**14}, "JOB_TTL_SECONDS is 100000000000000: a year"),
        ({"memory_mb": 0}, "MEMORY_MB is 0: it must be 1 or more"),
        ({"memory_mb": 127}, "MEMORY_MB is 127: Lambda gives 128 to 10240"),
        ({"api_timeout_seconds": 30}, "API_TIMEOUT_SECONDS is 30: an HTTP API waits for 29"),
        ({"cors_origins": ("https://a.example/app",)}, "CORS_ORIGINS has 'https://a.example/app'"),
        ({"cors_origins": ("https://*",)}, "CORS_ORIGINS has 'https://\\*'"),
        ({"cors_origins": ("https://me@a.example",)}, "CORS_ORIGINS has 'https://me@a.example'"),
        ({"rate_limit_per_minute": 60_001}, "RATE_LIMIT_PER_MINUTE is 60001: a token a millisecond"),
        ({"auth_mode": "none", "files_claim": "files"}, "FILES_CLAIM needs AUTH_MODE jwt"),
        ({"alarm_topic_arn": "my-topic"}, "ALARM_TOPIC_ARN is 'my-topic'"),
        ({"alarm_email": "on-call"}, "ALARM_EMAIL is 'on-call': one address"),
        ({"alarm_email": "a@b.example,c@d.example"}, "ALARM_EMAIL is"),
        (
            {"alarm_email": "a@b.example", "alarm_topic_arn": "arn:aws:sns:eu-west-1:123456789012:alarms"},
            "ALARM_EMAIL is for the stack's own topic",
        ),
        ({"alarm_failed_jobs_percent": 100}, "ALARM_FAILED_JOBS_PERCENT is 100: 1 to 99"),
        ({"alarm_memory_percent": 0}, "ALARM_MEMORY_PERCENT is 0"),
        ({"alarm_backlog_minutes": 1_441}, "ALARM_BACKLOG_MINUTES is 1441: an alarm looks back a day"),
        ({"alarm_slow_ms": 0}, "ALARM_SLOW_MS is 0"),
        ({"runbook_url": "https://git.example/wiki"}, "RUNBOOK_URL is 'https://git.example/wiki'"),
        ({"runbook_url": "http://git.example/docs/runbook.md"}, "RUNBOOK_URL is"),
        ({"api_burst_limit": 0}, "API_BURST_LIMIT is 0"),
        ({"download_delay_min_ms": -1}, "DOWNLOAD_DELAY_MIN_MS is -1: it must be 0 or more"),
        ({"max_file_id": 1_000_000_000}, "MAX_FILE_ID is 1000000000: keys have nine digits"),
        ({"max_files_per_job": 10_001}, "MAX_FILES_PER_JOB is 10001"),
        ({"log_level": "info"}, "LOG_LEVEL is 'info': one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ({"min_file_id": 50, "max_file_id": 49}, "MAX_FILE_ID 49 is below MIN_FILE_ID 50"),
        ({"url_ttl_seconds": 3_601}, "URL_TTL_SECONDS is 3601: an hour"),
        ({"url_ttl_seconds": 0}, "URL_TTL_SECONDS is 0: it must be 1 or more"),
        ({"max_open_jobs": 101}, "MAX_OPEN_JOBS is 101: 100 at most"),
        ({"max_open_jobs": 0}, "MAX_OPEN_JOBS is 0"),
        ({"rate_limit_per_minute": 0}, "RATE_LIMIT_PER_MINUTE is 0"),
        ({"rate_limit_burst": 0}, "RATE_LIMIT_BURST is 0"),
        ({"auth_mode": "basic"}, "AUTH_MODE is 'basic': one of jwt, none"),
        ({"auth_mode": "none", **OIDC}, "OIDC_ISSUER says who signs callers in: AUTH_MODE none"),
        ({"oidc_issuer": "https://id.example"}, "OIDC_ISSUER needs OIDC_AUDIENCES"),
        ({"oidc_audiences": ("downloads",)}, "OIDC_AUDIENCES belongs to an issuer: OIDC_ISSUER must say"),
        ({"oidc_client_id": "cli"}, "OIDC_CLIENT_ID belongs to an issuer"),
        ({"oidc_jwks_url": "https://id.example/keys"}, "OIDC_JWKS_URL belongs to an issuer"),
        ({**OIDC, "oidc_issuer": "id.example"}, "OIDC_ISSUER is 'id.example': it takes https://host/path"),
        ({**OIDC, "oidc_issuer": "https://id.example?x=1"}, "OIDC_ISSUER is .* without query or fragment"),
        ({**OIDC, "oidc_jwks_url": "keys.json"}, "OIDC_JWKS_URL is 'keys.json'"),
        ({"files_claim": "my files"}, "FILES_CLAIM is 'my files': a claim's name, without spaces"),
        ({"download_delay_max_ms": 900_001}, "DOWNLOAD_DELAY_MAX_MS"),
        ({"download_delay_min_ms": 200_000}, "DOWNLOAD_DELAY_MIN_MS"),
        ({"key_template": "downloads/file.zip"}, "KEY_TEMPLATE is 'downloads/file.zip'"),
        ({"key_template": "{file_id}/{file_id}.zip"}, "once"),
        ({"key_template": "{x}/{file_id}.zip"}, "KEY_TEMPLATE is '{x}/{file_id}.zip': {file_id} is all"),
        ({"key_template": "{}/{file_id}.zip"}, "all it may hold in braces"),
        ({"key_template": "{/{file_id}.zip"}, "all it may hold in braces"),
        ({"s3_endpoint_url": "https://s3.example.org"}, "BUCKET_NAME must say"),
        ({"s3_endpoint_url": "s3.example.org"}, r"S3_ENDPOINT_URL is 's3.example.org': it takes http\(s\)"),
        ({"s3_public_endpoint_url": "https://key@files.example.org"}, "S3_PUBLIC_ENDPOINT_URL is"),
        ({"s3_access_key_id": "key"}, "must be given together"),
        ({"log_retention_days": 8}, "LOG_RETENTION_DAYS is 8"),
        ({"job_deadline_seconds": 84_601}, "JOB_DEADLINE_SECONDS must leave 1800 of JOB_TTL_SECONDS"),
        ({"sse_hold_seconds": 21}, "SSE_HOLD_SECONDS is 21: 0 to 20"),
        ({"bundle_part_mb": 4}, "BUNDLE_PART_MB is 4: 5 to 64"),
        (
            {"bundle_max_bytes": 10**12},
            "BUNDLE_MAX_BYTES is 1000000000000: 10000 parts of",
        ),
        ({"bundle_max_bytes": 999_999_999}, "BUNDLE_MAX_BYTES is 999999999: 1000000000 or more"),
        ({"memory_mb": 319}, "MEMORY_MB is 319: a bundle takes 320"),
        ({"bundle_concurrency": 1}, "BUNDLE_CONCURRENCY is 1: SQS takes 2 to 1000"),
        ({"bundle_timeout_seconds": 29}, "BUNDLE_TIMEOUT_SECONDS is 29: 30 or more"),
        ({"bundle_timeout_seconds": 901}, "BUNDLE_TIMEOUT_SECONDS is 901"),
        ({"worker_timeout_seconds": 901}, "WORKER_TIMEOUT_SECONDS is 901"),
        ({"tracing": "true"}, "TRACING is 'true': one of none, xray, otlp"),
        ({"tracing": "otlp"}, "TRACING otlp needs OTLP_ENDPOINT"),
        (
            {"otlp_endpoint": "http://otel.example:4318"},
            "OTLP_ENDPOINT is for TRACING otlp, and TRACING is 'none'",
        ),
        ({"tracing": "xray", "otlp_headers": "a=b"}, "OTLP_HEADERS is for TRACING otlp"),
        (
            {**OTLP, "otlp_endpoint": "otel.example:4318"},
            "OTLP_ENDPOINT is 'otel.example:4318': it takes http",
        ),
        ({**OTLP, "otlp_endpoint": "http://otel.example?a=b"}, "OTLP_ENDPOINT is"),
        ({**OTLP, "otlp_headers": "authorization"}, "OTLP_HEADERS takes NAME=VALUE"),
        ({**OTLP, "otlp_headers": "a=b, c=d"}, "OTLP_HEADERS takes NAME=VALUE"),
        ({"trace_sample_rate": 1.5}, "TRACE_SAMPLE_RATE is 1.5: a share, 0 to 1"),
        ({"sentry_sample_rate": -0.1}, "SENTRY_SAMPLE_RATE is -0.1"),
        ({"log_sample_rate": float("nan")}, "LOG_SAMPLE_RATE is nan"),
        (
            {"sentry_dsn": "sentry.example"},
            "SENTRY_DSN is 'sentry.example': it takes https://KEY@HOST/PROJECT",
        ),
        ({"sentry_dsn": "https://sentry.example/7"}, "SENTRY_DSN is"),
        ({"sentry_sample_rate": 0.1}, "SENTRY_SAMPLE_RATE is for SENTRY_DSN"),
    ],
)
def test_a_bad_value_is_refused_by_its_name(settings: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        for_stage("dev", **settings)


def test_a_url_lives_a_quarter_of_an_hour_and_never_more_than_one_whoever_signs_it() -> None:
    assert for_stage("dev").url_ttl_seconds == 900
    keys = {"s3_access_key_id": "key", "s3_secret_access_key": "secret"}
    with pytest.raises(ValueError, match="URL_TTL_SECONDS is 3601"):
        for_stage("dev", url_ttl_seconds=3_601, **keys)


def test_tokens_are_asked_for_unless_a_developer_says_otherwise() -> None:
    assert {for_stage(stage).auth_mode for stage in STAGES} == {"jwt"}
    assert for_stage("dev", auth_mode="none").auth_mode == "none"


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"AUTH_MODE": "none"}, "AUTH_MODE is 'none', which lets everybody in: STAGE prod takes jwt only"),
        ({"CORS_ORIGINS": "http://a.example"}, "CORS_ORIGINS has 'http://a.example': STAGE prod takes pages"),
        ({"RETAIN_DATA": "false"}, "RETAIN_DATA is false: STAGE prod keeps its data"),
        ({"CORS_ORIGINS": "https://a.example,*"}, "CORS_ORIGINS has '\\*', every page on the web"),
    ],
)
@pytest.mark.parametrize("target", ["aws", "local"])
def test_production_is_open_to_nobody_in_particular(
    target: str, settings: dict[str, str], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        configure("prod", target, "http://127.0.0.1:4599", settings)


@pytest.mark.parametrize("name", ["OIDC_ISSUER", "OIDC_JWKS_URL"])
def test_keys_come_over_tls_except_on_a_laptop(name: str) -> None:
    settings = {
        "OIDC_ISSUER": "https://id.example",
        "OIDC_AUDIENCES": "downloads",
        name: "http://127.0.0.1/id",
    }
    for target in ("aws", "localstack"):
        with pytest.raises(ValueError, match=f"{name} is 'http://127.0.0.1/id': https:// only"):
            configure("dev", target, "", settings)
    config = configure("dev", "local", "http://127.0.0.1:4599", settings)
    assert getattr(config, name.lower()) == "http://127.0.0.1/id"


def test_an_issuer_keeps_the_slash_that_its_tokens_have() -> None:
    assert (
        for_stage("dev", **{**OIDC, "oidc_issuer": "https://id.example/"}).oidc_issuer
        == "https://id.example/"
    )


def test_production_has_a_key_of_its_own() -> None:
    assert {stage: for_stage(stage).customer_key for stage in STAGES} == {"dev": False, "prod": True}


def test_new_traces_are_all_told_in_development_and_a_tenth_of_them_in_production() -> None:
    assert {stage: for_stage(stage).trace_sample_rate for stage in STAGES} == {"dev": 1.0, "prod": 0.1}
    assert {for_stage(stage).tracing for stage in STAGES} == {"none"}


def test_a_header_may_hold_what_a_key_is_made_of() -> None:
    headers = "authorization=Basic%20dXNlcjpwYXNz,x-scope-orgid=1"
    assert for_stage("dev", **OTLP, otlp_headers=headers).otlp_headers == headers


def test_a_stage_asks_for_the_layers_of_what_is_on() -> None:
    dsn = "https://0123abcd@o1.ingest.sentry.example/7"
    assert for_stage("dev").extra_layers == ()
    assert for_stage("dev", tracing="xray").extra_layers == ("xray",)
    assert for_stage("dev", **OTLP, sentry_dsn=dsn).extra_layers == ("opentelemetry", "sentry")


def test_the_key_prefix_is_what_keys_begin_with() -> None:
    assert for_stage("dev", key_template="{{a}}/{file_id}.zip").key_prefix == "{a}/"


@pytest.mark.parametrize(("stage", "target"), [("staging", "aws"), ("dev", "azure")])
def test_an_unknown_stage_or_target_is_refused(stage: str, target: str) -> None:
    with pytest.raises(ValueError, match="one of"):
        configure(stage, target, "", {})


def test_overrides_are_read_by_their_type() -> None:
    given = {
        "MAX_CONCURRENCY": "10",
        "DOWNLOAD_DELAY_ENABLED": "true",
        "CORS_ORIGINS": "https://a.example, https://b.example",
        "BUCKET_NAME": "files",
        "HOME": "/root",
    }
    assert parse(given) == {
        "max_concurrency": 10,
        "download_delay_enabled": True,
        "cors_origins": ("https://a.example", "https://b.example"),
        "bucket_name": "files",
    }


def test_a_variable_counts_with_the_prefix_only_and_the_command_line_before_it() -> None:
    shell = {"LOG_LEVEL": "DEBUG", "BUCKET_NAME": "mine", "DELINEATE_API_URL": "http://api.example"}
    assert parse(given(shell, {})) == {}
    shell |= {"DELINEATE_MAX_CONCURRENCY": "8", "DELINEATE_MAX_ATTEMPTS": "4"}
    assert parse(given(shell, {})) == {"max_concurrency": 8, "max_attempts": 4}
    assert parse(given(shell, {"MAX_ATTEMPTS": "3"})) == {"max_concurrency": 8, "max_attempts": 3}


def test_no_setting_has_the_name_of_a_variable_of_the_client() -> None:
    assert not {"API_URL", "STACK", "USERNAME", "PASSWORD", "TOKEN", "CREDENTIALS"} & set(setting_names())


def test_an_empty_override_is_none() -> None:
    assert parse({"BUCKET_NAME": "", "MAX_CONCURRENCY": ""}) == {}


def test_the_text_false_is_false() -> None:
    assert parse({"S3_PATH_STYLE": "false"}) == {"s3_path_style": False}


@pytest.mark.parametrize(
    ("name", "text", "takes"),
    [
        ("MAX_CONCURRENCY", "many", "a whole number"),
        ("CUSTOMER_KEY", "maybe", "true or false"),
        ("LOG_SAMPLE_RATE", "some", "a number"),
    ],
)
def test_an_override_of_the_wrong_type_is_refused_by_its_name(name: str, text: str, takes: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is '{text}': it takes {takes}"):
        parse({name: text})


def test_neither_the_stage_nor_the_addresses_are_settings() -> None:
    assert not {"STAGE", "ADDRESSES", "METRIC_MATH"} & set(setting_names())
    assert parse({"STAGE": "prod"}) == {}


def test_an_emulator_gets_its_addresses_and_path_style_and_goes_without_metric_math() -> None:
    local, aws = (configure("dev", target, "http://127.0.0.1:4599/", {}) for target in ("local", "aws"))
    assert local.addresses.http.startswith("http://127.0.0.1:4599/_aws/")
    assert (local.s3_path_style, local.metric_math) == (True, False)
    assert (aws.addresses.api_id_tag, aws.s3_path_style, aws.metric_math) == (None, False, True)


def test_a_variable_that_was_meant_to_be_a_setting_is_told() -> None:
    shell = {"DELINEATE_MAX_CONCURENCY": "8", "DELINEATE_BUCKETNAME": "mine", "MAX_CONCURENCY": "9"}
    assert misspelt(shell) == [
        "the variable DELINEATE_BUCKETNAME is no setting; is DELINEATE_BUCKET_NAME meant?",
        "the variable DELINEATE_MAX_CONCURENCY is no setting; is DELINEATE_MAX_CONCURRENCY meant?",
    ]
    ours = (
        "API_URL",
        "CREDENTIALS",
        "PASSWORD",
        "STACK",
        "TOKEN",
        "USERNAME",
        "USER_POOL_ID",
        "MAX_CONCURRENCY",
    )
    assert misspelt({f"DELINEATE_{name}": "x" for name in ours}) == []


@pytest.mark.parametrize("url", ["http://s3.example.org", "https://localhost:9000", "https://127.0.0.1"])
def test_on_aws_another_server_has_tls_and_a_name_that_lambda_reaches(url: str) -> None:
    settings = {"S3_ENDPOINT_URL": url, "BUCKET_NAME": "files"}
    with pytest.raises(ValueError, match=r"S3_ENDPOINT_URL is .*: on AWS it takes https, and no loopback"):
        configure("dev", "aws", "", settings)
    assert configure("dev", "local", "http://127.0.0.1:4566", settings).s3_endpoint_url == url
