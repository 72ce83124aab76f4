"""What is counted on the way of a job, and that nothing is counted twice: handlers on moto."""

import json
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

import expose_metrics
import initiate_job
import jobs_api
import process_file
from downloads import metrics, wiring
from downloads.aws.counters import DynamoCounters
from downloads.meter import Sample
from downloads.model import Job
from downloads.settings import RunSettings
from downloads.standing import last_look
from tests.integration.conftest import JOB_ID, context, lines, sample
from tests.integration.test_process_file import deliver
from tests.observability.exposition import NAMES, metric_of

TOKEN = "the token of this stage"  # protects nothing


@pytest.fixture
def kept(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> DynamoCounters:
    """Counts are kept, and read here without the function that shows them."""
    monkeypatch.setenv("KEEP_METRICS", "true")
    wiring.settings.cache_clear()
    return DynamoCounters(aws.dynamodb, "downloads")


@pytest.fixture
def exposed(aws: SimpleNamespace, kept: DynamoCounters, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    arn = aws.secrets.create_secret(Name="metrics", SecretString=TOKEN)["ARN"]
    monkeypatch.setenv("METRICS_TOKEN_ARN", arn)
    monkeypatch.setenv("MAX_CONCURRENCY", "5")
    monkeypatch.setenv("LETTER_QUEUES", json.dumps({"parked": aws.urls["parked"]}))
    return aws


def numbers(kept: DynamoCounters) -> dict[str, float]:
    """By name and labels: ``download_jobs_total queued``."""
    found = kept.read(datetime.now(UTC)).numbers
    return {" ".join(series): value for series, value in found.items()}


def scrape(authorization: str) -> dict[str, Any]:
    event = {"version": "2.0", "routeKey": "GET /metrics", "headers": {"authorization": authorization}}
    return expose_metrics.handler(event, context())


def test_a_job_is_counted_at_each_change_and_a_file_once(
    aws: SimpleNamespace, job: Job, kept: DynamoCounters
) -> None:
    for _ in range(3):
        assert deliver(aws, sample("process_file")) == []
    found = numbers(kept)
    assert {
        name: value for name, value in found.items() if name.startswith("download_") and "seconds" not in name
    } == {
        "download_jobs_total processing": 1,
        "download_jobs_total completed": 1,
        "download_files_processed_total success": 2,
        "download_files_processed_total failure": 1,
        "download_file_bytes_total": 5,
    }
    # Copies of a message are looked at no more once their job has ended.
    assert found["s3_requests_total HeadObject 200"] == 2
    assert found["s3_requests_total HeadObject 404"] == 1
    assert found["lambda_invocations_total process_file ok"] == 3


def test_one_message_five_times_is_one_file(aws: SimpleNamespace, job: Job, kept: DynamoCounters) -> None:
    event = sample("process_file")
    event["Records"] = event["Records"][:1]
    for _ in range(5):
        deliver(aws, event)
    found = numbers(kept)
    assert found["download_files_processed_total success"] == 1
    assert found["download_jobs_total processing"] == 1


def test_a_request_is_counted_by_its_route(aws: SimpleNamespace, kept: DynamoCounters) -> None:
    event = sample("initiate_job")
    assert initiate_job.handler(event, context())["statusCode"] == 202
    missing = sample("jobs_api")
    assert jobs_api.handler(missing, context())["statusCode"] == 404
    found = numbers(kept)
    assert found["http_requests_total POST /v1/download/initiate 202"] == 1
    assert found["http_requests_total GET /v1/download/status/{jobId} 404"] == 1
    assert found["download_jobs_total queued"] == 1
    assert found["http_request_size_bytes sum"] == len(event["body"])
    assert not any(JOB_ID in name for name in found)


def test_a_request_that_asks_twice_makes_one_job(aws: SimpleNamespace, kept: DynamoCounters) -> None:
    for _ in range(2):
        event = sample("initiate_job")
        event["headers"]["idempotency-key"] = "the-same"
        assert initiate_job.handler(event, context())["statusCode"] == 202
    assert numbers(kept)["download_jobs_total queued"] == 1


def test_a_run_that_fails_is_counted_as_one(aws: SimpleNamespace, kept: DynamoCounters) -> None:
    with pytest.raises(KeyError):
        process_file.handler({}, context())
    assert numbers(kept)["lambda_invocations_total process_file error"] == 1
    assert kept.read(datetime.now(UTC)).under_way == {}


def test_nothing_is_kept_unless_asked_for(aws: SimpleNamespace, job: Job) -> None:
    assert RunSettings.keep_metrics is False
    deliver(aws, sample("process_file"))
    assert DynamoCounters(aws.dynamodb, "downloads").read(datetime.now(UTC)).numbers == {}


@pytest.mark.usefixtures("table_away")
def test_counts_that_cannot_be_kept_cost_no_answer(monkeypatch: pytest.MonkeyPatch, logged: StringIO) -> None:
    monkeypatch.setenv("KEEP_METRICS", "true")
    wiring.settings.cache_clear()
    wiring.counting_client.cache_clear()
    event = sample("jobs_api")
    event |= {"rawPath": "/openapi.json", "routeKey": "GET /openapi.json"}
    assert jobs_api.handler(event, context())["statusCode"] == 200
    assert "counts were lost" in [line["message"] for line in lines(logged)]


def test_prometheus_reads_it_with_the_token(exposed: SimpleNamespace, job: Job) -> None:
    deliver(exposed, sample("process_file"))
    exposed.sqs.send_message(QueueUrl=exposed.urls["parked"], MessageBody="a letter")
    answer = scrape(f"Bearer {TOKEN}")
    assert answer["statusCode"] == 200
    assert answer["headers"]["content-type"].startswith("text/plain; version=0.0.4")
    families = text_string_to_metric_families(answer["body"])
    assert {metric_of(each.name + "_total" * (each.type == "counter")) for each in families} == NAMES
    shown = set(answer["body"].splitlines())
    assert shown >= {
        'download_jobs_total{status="completed"} 1.0',
        'download_jobs_total{status="cancelled"} 0.0',
        'download_files_processed_total{status="failure"} 1.0',
        'download_dead_letters{queue="parked"} 1.0',
        'download_queue_oldest_age_seconds{lane="normal"} 0.0',
        "download_open_jobs 0.0",
        "download_worker_active_count 0.0",
        "download_worker_idle_count 5.0",
        'lambda_concurrent_executions{function="process_file"} 0.0',
    }


def test_what_runs_at_once_is_known_from_the_second_look_on(exposed: SimpleNamespace, job: Job) -> None:
    last_look.cache_clear()
    assert 'lambda_concurrent_executions{function="jobs_api"}' not in scrape(f"Bearer {TOKEN}")["body"]
    look = last_look()
    # Thirty seconds of runs in the ten since then are three at once.
    look.at = datetime.now(UTC) - timedelta(seconds=10)
    wiring.counters(wiring.settings(RunSettings)).add(
        "jobs_api", [Sample(metrics.RUN_SECONDS, ("jobs_api",), 30)], datetime.now(UTC)
    )
    (shown,) = re.findall(
        r'lambda_concurrent_executions\{function="jobs_api"\} (.*)', scrape(f"Bearer {TOKEN}")["body"]
    )
    assert float(shown) == pytest.approx(3, rel=0.5)


def test_the_age_of_a_lane_is_since_it_was_empty(exposed: SimpleNamespace, job: Job) -> None:
    age = re.compile(r'download_queue_oldest_age_seconds\{lane="normal"\} (.*)')
    exposed.sqs.send_message(QueueUrl=exposed.urls["normal"], MessageBody="waits")
    assert age.findall(scrape(f"Bearer {TOKEN}")["body"]) == []
    exposed.sqs.purge_queue(QueueUrl=exposed.urls["normal"])
    assert age.findall(scrape(f"Bearer {TOKEN}")["body"]) == ["0.0"]
    exposed.sqs.send_message(QueueUrl=exposed.urls["normal"], MessageBody="waits")
    (shown,) = age.findall(scrape(f"Bearer {TOKEN}")["body"])
    assert 0 <= float(shown) < 60


def test_a_method_that_somebody_invented_is_no_series(aws: SimpleNamespace, kept: DynamoCounters) -> None:
    for method in ("BREW", "PROPFIND", "X" * 40):
        event = sample("jobs_api") | {"routeKey": "$default"}
        event["requestContext"]["http"]["method"] = method
        jobs_api.handler(event, context())
    asked = {name for name in numbers(kept) if name.startswith("http_requests_total")}
    assert {name.split()[1] for name in asked} == {"OTHER"}


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Bearer wrong", TOKEN, f"bearer {TOKEN}x"])
def test_nobody_reads_it_without(exposed: SimpleNamespace, authorization: str) -> None:
    answer = scrape(authorization)
    assert answer["statusCode"] == 401
    assert answer["headers"]["www-authenticate"] == "Bearer"
    assert json.loads(answer["body"])["error"]["code"] == "UNAUTHENTICATED"
    assert "download_" not in answer["body"]
