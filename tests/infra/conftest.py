"""One synthesis a kind of deployment: it takes seconds, so the whole session shares it."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App
from aws_cdk.assertions import Template

from infra_cdk import app as cdk_app
from infra_cdk import layers
from infra_cdk.function import Assets

FEATURE_FLAGS = json.loads((Path(cdk_app.__file__).parent / "cdk.json").read_text())["context"]
ENDPOINT = "http://127.0.0.1:4599"

Synthesize = Callable[..., Template]
Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def new_app(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], App]:
    return lambda: App(outdir=str(tmp_path_factory.mktemp("cdk.out")), context=FEATURE_FLAGS)


@pytest.fixture(scope="session")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Assets:
    def folder(name: str) -> Path:
        made = tmp_path_factory.mktemp(name)
        (made / "python").mkdir()
        (made / "python" / "dependency.py").write_text(name)
        return made

    extras = {name: folder(name) for name in layers.EXTRAS}
    return Assets(cdk_app.FUNCTIONS, folder("dependencies"), folder("identity"), extras)


@pytest.fixture(scope="session")
def synthesize(new_app: Callable[[], App], assets: Assets) -> Synthesize:
    def synthesized(
        stage: str = "dev", target: str = "aws", page: Path | None = None, **settings: str
    ) -> Template:
        app = new_app()
        config = cdk_app.configure(stage, target, ENDPOINT, settings)
        stack = cdk_app.build(app, config, target=target, assets=replace(assets, page=page))
        app.synth()  # raises where cdk-nag finds something
        return Template.from_stack(stack)

    return synthesized


@pytest.fixture(scope="session")
def dev(synthesize: Synthesize) -> Template:
    return synthesize("dev")


@pytest.fixture(scope="session")
def scraped(synthesize: Synthesize) -> Template:
    """Prometheus reads it."""
    return synthesize("dev", METRICS_ENDPOINT="true", CLOUDWATCH_METRICS="false")


@pytest.fixture(scope="session")
def prod(synthesize: Synthesize) -> Template:
    return synthesize("prod")


@pytest.fixture(scope="session")
def local(synthesize: Synthesize) -> Template:
    return synthesize("dev", "local")


@pytest.fixture(scope="session")
def elsewhere(synthesize: Synthesize) -> Template:
    """Files in an existing bucket of another S3 server, below no prefix; other settings changed too."""
    return synthesize(
        "prod",
        BUCKET_NAME="shared-files",
        S3_ENDPOINT_URL="https://s3.example.org",
        S3_PUBLIC_ENDPOINT_URL="https://files.example.org",
        S3_REGION="auto",
        S3_PATH_STYLE="true",
        S3_ACCESS_KEY_ID="key",
        S3_SECRET_ACCESS_KEY="secret",
        MAX_CONCURRENCY="10",
        HIGH_CONCURRENCY="4",
        MAX_ATTEMPTS="3",
        ALARM_TOPIC_ARN="arn:aws:sns:eu-central-1:123456789012:alarms",
        TRACING="xray",
        SENTRY_DSN="https://0123abcd@sentry.example/7",
        SENTRY_SAMPLE_RATE="0.25",
        LOG_SAMPLE_RATE="0.05",
        LOG_LEVEL="WARNING",
        CORS_ORIGINS="https://app.example,https://other.example",
        FILES_CLAIM="custom:files",
    )


@pytest.fixture(scope="session")
def existing(synthesize: Synthesize) -> Template:
    """Files in a bucket of this account that another stack made; the normal lane in provisioned mode."""
    return synthesize("prod", BUCKET_NAME="our-files", NORMAL_POLLERS="2,20", SCALE_AT="08:00=10")


@pytest.fixture(scope="session")
def tuned(synthesize: Synthesize) -> Template:
    """Alarms that ring at other values and write to somebody, the runbook by a link; nothing is restored.

    The normal lane is scaled by the hour.
    """
    return synthesize(
        "dev",
        SCALE_AT="07:30=50,20:00=5",
        SCALE_TIME_ZONE="Europe/Vienna",
        ALARM_FAILED_JOBS_PERCENT="21",
        ALARM_SERVER_ERRORS_PERCENT="7",
        ALARM_MEMORY_PERCENT="50",
        ALARM_BACKLOG_MESSAGES="77",
        ALARM_BACKLOG_MINUTES="3",
        ALARM_OLD_SECONDS="66",
        ALARM_UNBURIED_SECONDS="55",
        ALARM_LATE_MS="4444",
        ALARM_SLOW_MS="333",
        ALARM_EMAIL="on-call@example.org",
        RUNBOOK_URL="https://git.example/blob/main/docs/runbook.md",
        WORKER_TIMEOUT_SECONDS="240",
        METRICS_ENDPOINT="true",
        RESTORE_TIER="none",
    )


@pytest.fixture(scope="session")
def another_issuer(synthesize: Synthesize) -> Template:
    """Users of an identity provider that the adopter has already; everything else as in development."""
    return synthesize(
        "dev",
        OIDC_ISSUER="https://id.example/",
        OIDC_AUDIENCES="downloads, https://downloads.example",
        OIDC_JWKS_URL="https://id.example/keys",
        OIDC_CLIENT_ID="cli",
    )


@pytest.fixture(scope="session")
def collected(synthesize: Synthesize) -> Template:
    """Spans go to a collector that asks for a key; everything else as in development."""
    return synthesize(
        "dev",
        TRACING="otlp",
        OTLP_ENDPOINT="https://otel.example:4318",
        OTLP_HEADERS="x-api-key=a=b,x-team=d",
    )


@pytest.fixture(scope="session")
def anybody(synthesize: Synthesize) -> Template:
    """A developer's stack for clients that send no token."""
    return synthesize("dev", AUTH_MODE="none")
