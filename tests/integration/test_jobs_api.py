"""jobs_api on moto: status, links, cancel, check, start, health, the document."""

import json
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openapi_spec_validator import validate

import jobs_api
import process_file
from downloads import VERSION
from downloads.model import Job
from tests.conftest import failed, ready
from tests.integration.conftest import JOB_ID, context, sample


def call(path: str, method: str = "GET", body: object = None, **query: str) -> dict[str, Any]:
    event = sample("jobs_api")
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["queryStringParameters"] = query
    event["body"] = json.dumps(body) if body is not None else None
    return jobs_api.handler(event, context())


def body_of(answer: dict[str, Any]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(answer["body"])
    return loaded


def finish(aws: SimpleNamespace, job: Job) -> None:
    aws.jobs.record(job, [ready(70000), ready(70007), failed(70014)], datetime.now(UTC))


def assert_fresh(url: str, file_id: int) -> None:
    """Signed a moment ago, to live as long as the settings say."""
    where, query = urlsplit(url), parse_qs(urlsplit(url).query)
    signed_at = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%S%z")
    assert where.path == f"/downloads/{file_id}.zip"
    assert query["response-content-disposition"] == [f'attachment; filename="{file_id}.zip"']
    assert query["X-Amz-Expires"] == ["3600"]
    assert datetime.now(UTC) - signed_at < timedelta(seconds=10)


def test_status_of_a_queued_job(aws: SimpleNamespace, job: Job) -> None:
    answer = jobs_api.handler(sample("jobs_api"), context())
    body = body_of(answer)
    assert answer["statusCode"] == HTTPStatus.OK
    assert (body["jobId"], body["status"], body["version"]) == (JOB_ID, "queued", 1)
    assert body["progress"] == {"completed": 0, "failed": 0, "total": 3, "percentage": 0}
    assert body["files"] == [{"file_id": i, "status": "pending"} for i in (70000, 70007, 70014)]
    assert "startedAt" not in body
    assert datetime.fromisoformat(body["estimatedCompletionAt"]) >= job.created_at
    assert int(answer["headers"]["retry-after"]) >= 1


def test_status_of_an_ended_job_says_why_files_failed(aws: SimpleNamespace, job: Job) -> None:
    finish(aws, job)
    answer = call(f"/v1/download/status/{JOB_ID}")
    body = body_of(answer)
    assert (body["status"], body["progress"]["percentage"]) == ("completed", 100)
    assert_fresh(body["files"][0]["downloadUrl"], 70000)
    assert {"urlExpiresAt", "size"} <= set(body["files"][0])
    assert body["files"][2] == {
        "file_id": 70014,
        "status": "failed",
        "error": "There is no file with this id in the store.",
        "errorCode": "NOT_FOUND",
    }
    assert {"startedAt", "completedAt", "expiresAt"} <= set(body)
    assert "estimatedCompletionAt" not in body
    assert "retry-after" not in answer["headers"]


def test_big_jobs_are_read_in_pages(aws: SimpleNamespace, job: Job) -> None:
    first = body_of(call(f"/v1/download/status/{JOB_ID}", limit="2"))
    assert [file["file_id"] for file in first["files"]] == [70000, 70007]
    last = body_of(call(f"/v1/download/status/{JOB_ID}", limit="2", cursor=first["nextCursor"]))
    assert [file["file_id"] for file in last["files"]] == [70014]
    assert "nextCursor" not in last
    assert body_of(call(f"/v1/download/status/{JOB_ID}", limit="0"))["files"] == []


def test_links_before_and_after_the_end(aws: SimpleNamespace, job: Job) -> None:
    before = jobs_api.handler(sample("jobs_api.links"), context())
    assert (before["statusCode"], body_of(before)["files"]) == (202, [])
    assert int(before["headers"]["retry-after"]) >= 1
    finish(aws, job)
    after = jobs_api.handler(sample("jobs_api.links"), context())
    links = body_of(after)["files"]
    assert after["statusCode"] == HTTPStatus.OK
    assert [(link["file_id"], link["filename"]) for link in links] == [
        (70000, "70000.zip"),
        (70007, "70007.zip"),
    ]
    for link in links:
        assert_fresh(link["downloadUrl"], link["file_id"])
        left = datetime.fromisoformat(link["urlExpiresAt"]) - datetime.now(UTC)
        assert timedelta(minutes=59, seconds=50) <= left <= timedelta(hours=1)


def test_no_link_is_stored(aws: SimpleNamespace, job: Job) -> None:
    """A session's token alone makes more than a write unit of each."""
    assert process_file.handler(sample("process_file"), context()) == {"batchItemFailures": []}
    call(f"/v1/download/{JOB_ID}")
    stored = aws.dynamodb.scan(TableName="downloads")["Items"]
    assert sum(item["SK"]["S"].startswith("FILE#") for item in stored) == 3
    assert not [item for item in stored if "X-Amz-" in str(item)]


def test_one_file_and_redirect(aws: SimpleNamespace, job: Job) -> None:
    waiting = call(f"/v1/download/{JOB_ID}", file_id="70000", redirect="true")
    assert waiting["statusCode"] == HTTPStatus.ACCEPTED
    finish(aws, job)
    one = call(f"/v1/download/{JOB_ID}", file_id="70007")
    assert [link["file_id"] for link in body_of(one)["files"]] == [70007]
    moved = call(f"/v1/download/{JOB_ID}", file_id="70007", redirect="true")
    assert moved["statusCode"] == HTTPStatus.FOUND
    assert_fresh(moved["headers"]["location"], 70007)
    assert "x-request-id" in moved["headers"]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({"file_id": "70014"}, 409, "FILE_FAILED"),
        ({"file_id": "70021"}, 404, "FILE_NOT_IN_JOB"),
        ({"file_id": "x"}, 422, "INVALID_REQUEST"),
        ({"redirect": "true"}, 422, "INVALID_REQUEST"),
        ({"cursor": "???"}, 422, "INVALID_CURSOR"),
        ({"cursor": "é"}, 422, "INVALID_CURSOR"),
        ({"limit": "1001"}, 422, "INVALID_REQUEST"),
        ({"limit": "-1"}, 422, "INVALID_REQUEST"),
    ],
)
def test_links_that_cannot_be_had(
    aws: SimpleNamespace, job: Job, query: dict[str, str], status: int, code: str
) -> None:
    finish(aws, job)
    answer = call(f"/v1/download/{JOB_ID}", **query)
    assert (answer["statusCode"], body_of(answer)["error"]["code"]) == (status, code)


def test_cancel_is_idempotent_and_final(aws: SimpleNamespace, job: Job) -> None:
    first = jobs_api.handler(sample("jobs_api.cancel"), context())
    again = jobs_api.handler(sample("jobs_api.cancel"), context())
    assert (first["statusCode"], body_of(first)["status"]) == (200, "cancelled")
    assert body_of(again) == body_of(first)
    pending = call(f"/v1/download/{JOB_ID}", file_id="70000")
    assert (pending["statusCode"], body_of(pending)["error"]["details"][0]["message"]) == (409, "JOB_ENDED")


def test_retry_prepares_the_failed_files_again(aws: SimpleNamespace, job: Job) -> None:
    finish(aws, job)
    answer = jobs_api.handler(sample("jobs_api.retry"), context())
    assert (answer["statusCode"], body_of(answer)["status"]) == (202, "processing")
    assert answer["headers"]["location"] == f"../status/{JOB_ID}"
    sent = aws.sqs.receive_message(QueueUrl=aws.urls["normal"], MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"]) for message in sent] == [
        {"jobId": JOB_ID, "fileId": 70014, "round": 2}
    ]
    status = body_of(call(f"/v1/download/status/{JOB_ID}"))
    assert status["progress"] == {"completed": 2, "failed": 0, "total": 3, "percentage": 66}
    assert status["files"][2] == {"file_id": 70014, "status": "pending"}
    again = call(f"/v1/download/{JOB_ID}/retry", "POST")
    assert (again["statusCode"], body_of(again)["error"]["code"]) == (409, "JOB_OPEN")


def test_a_job_whose_files_are_all_ready_has_nothing_to_retry(aws: SimpleNamespace, job: Job) -> None:
    aws.jobs.record(job, [ready(file_id) for file_id in (70000, 70007, 70014)], datetime.now(UTC))
    answer = call(f"/v1/download/{JOB_ID}/retry", "POST")
    assert (answer["statusCode"], body_of(answer)["error"]["code"]) == (409, "NOTHING_TO_RETRY")


def test_an_ended_job_cannot_be_cancelled(aws: SimpleNamespace, job: Job) -> None:
    finish(aws, job)
    answer = call(f"/v1/download/{JOB_ID}", "DELETE")
    assert (answer["statusCode"], body_of(answer)["error"]["code"]) == (409, "JOB_ENDED")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/download/status/no-uuid", 422),
        ("GET", f"/v1/download/status/{JOB_ID[:-1]}1", 404),
        ("GET", f"/v1/download/{JOB_ID[:-1]}1", 404),
        ("DELETE", f"/v1/download/{JOB_ID[:-1]}1", 404),
        ("GET", "/nothing/here", 404),
        ("PUT", f"/v1/download/{JOB_ID}", 404),
        ("GET", "/v1/download/initiate", 405),
        ("DELETE", "/v1/download/check", 405),
    ],
)
def test_wrong_ids_paths_and_methods(
    aws: SimpleNamespace, job: Job, method: str, path: str, status: int
) -> None:
    answer = call(path, method)
    assert answer["statusCode"] == status
    assert set(body_of(answer)) == {"error", "requestId"}


def test_check(aws: SimpleNamespace) -> None:
    found = jobs_api.handler(sample("jobs_api.check"), context())
    assert body_of(found) == {"file_id": 70000, "available": True, "s3Key": "downloads/70000.zip", "size": 5}
    missing = call("/v1/download/check", "POST", {"file_id": 70014})
    assert body_of(missing) == {"file_id": 70014, "available": False, "s3Key": None, "size": None}


def test_start(aws: SimpleNamespace) -> None:
    ready_now = body_of(jobs_api.handler(sample("jobs_api.start"), context()))
    assert (ready_now["status"], ready_now["size"], ready_now["message"]) == (
        "completed",
        5,
        "The file is ready.",
    )
    assert "downloads/70000.zip" in ready_now["downloadUrl"]
    missing = call("/v1/download/start", "POST", {"file_id": 70014})
    body = body_of(missing)
    assert missing["statusCode"] == HTTPStatus.OK
    assert (body["status"], body["downloadUrl"], body["size"]) == ("failed", None, None)
    assert "no file" in body["message"]


@pytest.mark.parametrize("path", ["check", "start"])
@pytest.mark.parametrize("body", [{}, {"file_id": 5}, {"file_id": True}, {"file_id": "70000"}, [], 7])
def test_check_and_start_refuse_bad_bodies(aws: SimpleNamespace, path: str, body: object) -> None:
    assert call(f"/v1/download/{path}", "POST", body)["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY


def test_health_asks_every_dependency(aws: SimpleNamespace) -> None:
    well = call("/health")
    assert (well["statusCode"], body_of(well)) == (
        200,
        {"status": "healthy", "checks": {"storage": "ok", "table": "ok", "queue": "ok"}},
    )


@pytest.mark.parametrize("broken", ["storage", "table", "queue"])
def test_health_names_what_is_down(aws: SimpleNamespace, broken: str) -> None:
    if broken == "table":
        aws.dynamodb.delete_table(TableName="downloads")
    elif broken == "queue":
        aws.sqs.delete_queue(QueueUrl=aws.urls["normal"])
    else:
        for file_id in (70000, 70007):
            aws.s3.delete_object(Bucket="downloads", Key=f"downloads/{file_id}.zip")
        aws.s3.delete_bucket(Bucket="downloads")
    answer = call("/health")
    assert (answer["statusCode"], body_of(answer)["status"]) == (503, "unhealthy")
    assert [name for name, check in body_of(answer)["checks"].items() if check == "error"] == [broken]


def test_root_names_the_service_and_its_links(aws: SimpleNamespace) -> None:
    body = body_of(call("/"))
    assert (body["service"], body["version"]) == ("downloads", VERSION)
    assert body["links"]["websocket"] == "wss://socket.example/live"
    assert set(body["links"]) == {"docs", "openapi", "health", "initiate", "downloads", "websocket"}
    assert body["auth"] == {"mode": "none"}


def test_the_document_is_valid_openapi_3_1_and_shows_all_routes_and_limits(aws: SimpleNamespace) -> None:
    document = body_of(call("/openapi.json"))
    validate(document)
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/",
        "/health",
        "/v1/download/initiate",
        "/v1/download/status/{jobId}",
        "/v1/download/progress/{jobId}",
        "/v1/download/{jobId}",
        "/v1/download/{jobId}/retry",
        "/v1/download/{jobId}/ticket",
        "/v1/downloads",
        "/v1/download/{jobId}/deliveries",
        "/v1/download/check",
        "/v1/download/start",
    }
    ids = document["components"]["schemas"]["InitiateRequest"]["properties"]["file_ids"]
    assert "ValidationError" not in json.dumps(document)
    assert (ids["minItems"], ids["maxItems"]) == (1, 1000)
    assert (ids["items"]["minimum"], ids["items"]["maximum"]) == (10_000, 100_000_000)


def test_docs_is_a_page_that_fetches_nothing_from_elsewhere(aws: SimpleNamespace) -> None:
    answer = call("/docs")
    assert answer["headers"]["Content-Type"].startswith("text/html")
    assert "swagger-ui" in answer["body"]
    assert "<script src" not in answer["body"]
    assert call("/docs", format="json")["body"] == call("/openapi.json")["body"]


@pytest.mark.parametrize("file_id", ["-1", "1000000000", "1" + "0" * 1_100])
def test_a_number_that_no_file_can_have_never_reaches_the_table(
    aws: SimpleNamespace, job: Job, file_id: str
) -> None:
    # DynamoDB refuses a sort key of more than 1,024 bytes, which moto does not.
    assert call(f"/v1/download/{JOB_ID}", file_id=file_id)["statusCode"] == HTTPStatus.UNPROCESSABLE_ENTITY
