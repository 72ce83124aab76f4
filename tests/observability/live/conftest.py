"""The service with everything on that tells of it, deployed to an emulator, and who is told: all for real."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from delineate.operator.cloud import OTHER_NAMES
from infra_cdk.cloud import LocalCloud
from infra_cdk.config import for_stage
from infra_cdk.ports import free_port
from infra_cdk.samples import MISSING, SIZES
from tests.e2e.conftest import UNHINDERED, Service, hear, until
from tests.otlp_receiver import OtlpReceiver, ToldSpan
from tests.sentry_receiver import SentryReceiver
from tests.xray_receiver import XrayReceiver

READY = sorted(SIZES)[:2]
REQUEST = "observed-request-1"
Line = dict[str, Any]


@dataclass
class Observed:
    """The deployed service, and who is told of what it does."""

    service: Service
    collector: OtlpReceiver
    sentry: SentryReceiver

    def scrape(self) -> str:
        """What GET /metrics says now."""
        outputs = self.service.cloud.outputs
        secrets = self.service.cloud.client("secretsmanager")
        token = secrets.get_secret_value(SecretId=outputs["MetricsTokenArn"])["SecretString"]
        reply = httpx.get(outputs["MetricsUrl"], headers={"authorization": f"Bearer {token}"}, timeout=60)
        assert reply.status_code == httpx.codes.OK, reply.text
        return reply.text

    def spans_of(self, trace_id: str) -> list[ToldSpan]:
        return [span for span in self.collector.spans if span.trace_id == trace_id]


def lines(cloud: LocalCloud) -> Iterator[Line]:
    """Every JSON line of every function of the stack."""
    logs = cloud.client("logs")
    functions = cloud.client("lambda")
    for name, value in cloud.outputs.items():
        if name.endswith("Name") and name not in OTHER_NAMES:
            group = functions.get_function(FunctionName=value)["Configuration"]["LoggingConfig"]["LogGroup"]
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for page in pages:
                for event in page["events"]:
                    if event["message"].startswith("{"):
                        yield json.loads(event["message"])


def _deployed(cloud: LocalCloud, context: dict[str, str]) -> Service:
    cloud.deploy(context=UNHINDERED | context)
    assert cloud.warm() == []
    cloud.seed(for_stage("dev").key_template)
    token = cloud.sign_in("tester")
    headers = {"authorization": f"Bearer {token}"}
    return Service(cloud, httpx.Client(base_url=cloud.outputs["ApiUrl"], headers=headers, timeout=60), token)


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Observed]:
    with (
        OtlpReceiver() as collector,
        SentryReceiver() as sentry,
        LocalCloud(tmp_path_factory.mktemp("observed"), free_port()) as cloud,
    ):
        told = {
            "METRICS_ENDPOINT": "true",
            "TRACING": "otlp",
            "OTLP_ENDPOINT": collector.url,
            "SENTRY_DSN": sentry.dsn,
            "DOWNLOAD_DELAY_ENABLED": "true",
            "DOWNLOAD_DELAY_MIN_MS": "1000",
            "DOWNLOAD_DELAY_MAX_MS": "1500",
        }
        service = _deployed(cloud, told)
        with service.http:
            yield Observed(service, collector, sentry)


@pytest.fixture(scope="session")
def story(observed: Observed) -> str:
    """An ended job of two files and a missing one, watched, with a webhook, by a request with an id."""
    body = {"file_ids": [*READY, MISSING], "callback_url": "http://127.0.0.1:9/nobody"}
    headers = {"x-request-id": REQUEST, "x-correlation-id": "order-1"}
    reply = observed.service.http.post("/v1/download/initiate", json=body, headers=headers)
    assert reply.status_code == httpx.codes.ACCEPTED, reply.text
    job_id: str = reply.json()["jobId"]
    with observed.service.watch(f"?jobId={job_id}") as socket:
        while hear(socket).get("status") != "completed":
            """Told of each change."""
    assert len(observed.service.http.get(f"/v1/download/{job_id}").json()["files"]) == len(READY)
    until(
        lambda: [line for line in lines(observed.service.cloud) if line.get("message") == "webhook"],
        lambda found: any(line["jobId"] == job_id for line in found),
    )
    return job_id


@pytest.fixture(scope="session")
def xray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, XrayReceiver]]:
    daemon, cloud = XrayReceiver(), LocalCloud(tmp_path_factory.mktemp("xray"), free_port())
    try:
        # Only while it starts: what it passes on is nothing to the tests of this process.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_XRAY_DAEMON_ADDRESS", daemon.address)
            cloud.start(attached=True)
        service = _deployed(cloud, {"TRACING": "xray"})
        with service.http:
            yield service, daemon
    finally:
        cloud.stop()
