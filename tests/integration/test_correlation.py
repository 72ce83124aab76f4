"""One request's ids are found again in every function that its job passes: handlers on moto."""

import json
from datetime import UTC, datetime
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

import deliver_webhook
import initiate_job
import jobs_api
import process_file
import publish_progress
from downloads import wiring
from downloads.aws.stream import read
from downloads.clients import observers
from downloads.telemetry import logger
from downloads.trace import Trace
from tests.integration.conftest import CONNECTION, JOB_ID, context, lines, sample
from tests.sockets import SocketApi

REQUEST = "req-7f3e"
CORRELATION = "order-4711"
TRACE = Trace("5759e988bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
SOMEONE = {"authorizer": {"jwt": {"claims": {"sub": "someone", "exp": "4102444800"}, "scopes": []}}}


def started(aws: SimpleNamespace, **headers: str) -> str:
    """A job by a request with these headers."""
    event = sample("initiate_job")
    event["headers"] |= {"x-request-id": REQUEST, "traceparent": TRACE.traceparent, **headers}
    event["requestContext"] |= SOMEONE
    event["body"] = json.dumps({"file_ids": [70000, 70014], "callback_url": "https://app.example/hook"})
    answer = initiate_job.handler(event, context())
    assert answer["statusCode"] == 202, answer["body"]
    job_id: str = json.loads(answer["body"])["jobId"]
    return job_id


def delivered(aws: SimpleNamespace, queue: str) -> dict[str, Any]:
    """The messages of a queue as Lambda hands them on."""
    taken = aws.sqs.receive_message(
        QueueUrl=aws.urls[queue],
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )["Messages"]
    return {"Records": [_record(message, queue) for message in taken]}


def _record(message: dict[str, Any], queue: str) -> dict[str, Any]:
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": "String"}
        for name, value in message["MessageAttributes"].items()
    }
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1", **message["Attributes"]},
        "messageAttributes": attributes,
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-central-1:123456789012:downloads-{queue}",
    }


@pytest.fixture(autouse=True)
def signed_in(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_MODE", "jwt")


@pytest.fixture
def talkative() -> Any:
    """Lines of every level."""
    before = logger().initial_log_level
    logger().initial_log_level = 10
    yield
    logger().initial_log_level = before


def test_the_ids_of_a_request_go_with_its_messages(aws: SimpleNamespace) -> None:
    started(aws, **{"x-correlation-id": CORRELATION})
    for record in delivered(aws, "normal")["Records"]:
        told = {name: value["stringValue"] for name, value in record["messageAttributes"].items()}
        assert (told["requestId"], told["correlationId"]) == (REQUEST, CORRELATION)
        place = Trace.of_traceparent(told["traceparent"])
        assert place
        assert place.trace_id == TRACE.trace_id


@pytest.mark.usefixtures("talkative")
def test_every_line_of_every_function_is_found_by_the_request(
    aws: SimpleNamespace, logged: StringIO, socket_api: SocketApi
) -> None:
    job_id = started(aws)
    aws.watchers.add(job_id, CONNECTION, None, datetime.now(UTC))
    process_file.handler(delivered(aws, "normal"), context())
    publish_progress.handler(_stream(aws, job_id), context())
    deliver_webhook.handler(delivered(aws, "notices"), context())
    told = [line for line in lines(logged) if "jobId" in line]
    assert {line["function"] for line in told} == {
        "initiate_job",
        "process_file",
        "publish_progress",
        "deliver_webhook",
    }
    assert {line["message"] for line in told} >= {"job", "job accepted", "file", "published", "webhook"}
    for line in told:
        assert line["jobId"] == job_id
        assert (line["requestId"], line["correlationId"]) == (REQUEST, REQUEST), line
        assert line["traceId"] == TRACE.trace_id
    assert {line["fileId"] for line in told if line["message"] == "file"} == {70000, 70014}
    assert len({line["userId"] for line in told if "userId" in line}) == 1
    assert "someone" not in logged.getvalue()


def test_an_attempt_in_vain_says_why(
    aws: SimpleNamespace, logged: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    started(aws)
    # Port 9 (discard) answers nobody.
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    wiring.settings.cache_clear()
    process_file.handler(delivered(aws, "normal"), context())
    told = [line for line in lines(logged) if line["message"] == "file"]
    assert {line["fileId"]: (line["outcome"], line["code"], line["attempt"]) for line in told} == {
        70000: ("again", "STORAGE_UNAVAILABLE", 1),
        70014: ("again", "STORAGE_UNAVAILABLE", 1),
    }


def _stream(aws: SimpleNamespace, job_id: str) -> dict[str, Any]:
    """The stream's record of the job's end."""
    event = sample("publish_progress")
    key = {"PK": {"S": f"JOB#{job_id}"}, "SK": {"S": "JOB"}}
    item = aws.dynamodb.get_item(TableName="downloads", Key=key)["Item"]
    record = next(one for one in event["Records"] if one["dynamodb"]["Keys"]["SK"]["S"] == "JOB")
    before = {**item, "version": {"N": "1"}, "status": {"S": "queued"}}
    record["dynamodb"] |= {"Keys": key, "OldImage": before, "NewImage": item}
    assert read([record]).unreadable == {}
    return {"Records": [record]}


def test_another_request_to_the_job_is_found_by_the_correlation(
    aws: SimpleNamespace, logged: StringIO
) -> None:
    job_id = started(aws)
    event = sample("jobs_api.cancel")
    event["rawPath"] = event["rawPath"].replace(JOB_ID, job_id)
    event["requestContext"]["http"]["path"] = event["rawPath"]
    event["requestContext"] |= SOMEONE
    event["headers"]["x-request-id"] = "another"
    assert jobs_api.handler(event, context())["statusCode"] == 200
    (change,) = (line for line in lines(logged) if line["message"] == "job" and line["status"] == "cancelled")
    assert (change["requestId"], change["correlationId"]) == ("another", REQUEST)


def test_a_job_that_is_none_is_not_named(aws: SimpleNamespace, logged: StringIO) -> None:
    """Its id is whatever somebody made up: nobody should find a story under it."""
    event = sample("jobs_api")
    event["pathParameters"] = {"jobId": JOB_ID}
    event["requestContext"] |= SOMEONE
    assert jobs_api.handler(event, context())["statusCode"] == 404
    assert JOB_ID not in logged.getvalue()


def test_nothing_of_one_run_is_said_in_the_next(aws: SimpleNamespace, logged: StringIO) -> None:
    started(aws)
    first = len(lines(logged))
    process_file.handler({"Records": []}, context())
    (line,) = lines(logged)[first:]
    assert line["message"] == "batch processed"
    assert not {"requestId", "traceId", "userId", "jobId"} & set(line)


@pytest.mark.parametrize("given", ["", "  ", "x" * 129, "sn\u00f8", "two\nlines"])
def test_ids_that_are_none_are_replaced(aws: SimpleNamespace, logged: StringIO, given: str) -> None:
    started(aws, **{"x-request-id": given, "x-correlation-id": given, "traceparent": given})
    asked = {(line["requestId"], line["correlationId"]) for line in lines(logged)}
    ((request_id, correlation_id),) = asked
    assert request_id == correlation_id != given
    assert len({line["traceId"] for line in lines(logged)}) == 1


def test_of_a_share_of_runs_everything_is_logged(aws: SimpleNamespace, logged: StringIO) -> None:
    logger().sampling_rate = 1
    try:
        started(aws)
        assert logger().log_level == 10
    finally:
        logger().sampling_rate = None
    started(aws)
    assert logger().log_level != 10
    assert observers.step.__name__ == "step"
