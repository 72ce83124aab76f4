"""initiate_job on moto, with its sample event and with everything callers get wrong."""

import json
from base64 import b64encode
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

import initiate_job
from downloads.http import MAX_BODY_BYTES
from tests.integration.conftest import context, sample


def post(body: str | None, **headers: str) -> dict[str, Any]:
    event = sample("initiate_job")
    event["headers"] |= headers
    event["body"] = body
    return initiate_job.handler(event, context())


def error_of(answer: dict[str, Any]) -> dict[str, Any]:
    body = json.loads(answer["body"])
    assert set(body) == {"error", "requestId"}
    assert body["requestId"] == answer["headers"]["x-request-id"]
    error: dict[str, Any] = body["error"]
    return error


def nothing_written(aws: SimpleNamespace) -> bool:
    return not aws.dynamodb.scan(TableName="downloads")["Items"] and not messages(aws, "normal")


def messages(aws: SimpleNamespace, lane: str) -> list[dict[str, Any]]:
    got = aws.sqs.receive_message(QueueUrl=aws.urls[lane], MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in got]


def test_the_sample_is_accepted(aws: SimpleNamespace) -> None:
    answer = initiate_job.handler(sample("initiate_job"), context())
    body = json.loads(answer["body"])
    assert answer["statusCode"] == 202
    assert (body["status"], body["totalFiles"], body["totalFileIds"]) == ("queued", 3, 3)
    assert body["estimatedTimeMs"] > 0
    assert answer["headers"]["location"] == f"status/{UUID(body['jobId'])}"
    assert int(answer["headers"]["retry-after"]) >= 1
    assert answer["headers"]["x-request-id"] == "docs-example-1"
    assert answer["headers"]["x-content-type-options"] == "nosniff"
    assert answer["headers"]["cache-control"] == "no-store"
    job = aws.jobs.get(body["jobId"])
    assert (job.total, job.priority, aws.jobs.file_ids(job.job_id)) == (3, "high", (70000, 70007, 70014))
    sent = messages(aws, "high")
    assert sorted(message["fileId"] for message in sent) == [70000, 70007, 70014]
    assert {message["jobId"] for message in sent} == {body["jobId"]}


def test_ids_that_stand_twice_count_once(aws: SimpleNamespace) -> None:
    body = json.loads(post('{"file_ids": [70000, 70000, 70007]}')["body"])
    assert body["totalFiles"] == 2
    assert len(messages(aws, "normal")) == 2


def test_a_thousand_files_are_all_sent(aws: SimpleNamespace) -> None:
    body = json.loads(post(json.dumps({"file_ids": list(range(10_000, 11_000))}))["body"])
    assert body["totalFiles"] == 1000
    attributes = aws.sqs.get_queue_attributes(
        QueueUrl=aws.urls["normal"], AttributeNames=["ApproximateNumberOfMessages"]
    )
    assert attributes["Attributes"]["ApproximateNumberOfMessages"] == "1000"


def test_older_clients_may_send_no_content_type(aws: SimpleNamespace) -> None:
    answer = post('{"file_ids": [70000]}', **{"content-type": "application/x-www-form-urlencoded"})
    assert answer["statusCode"] == 202


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "INVALID_JSON"),
        ("[" * 200_000, 400, "INVALID_JSON"),
        ("", 422, "INVALID_REQUEST"),
        (None, 422, "INVALID_REQUEST"),
        ("null", 422, "INVALID_REQUEST"),
        ("[1]", 422, "INVALID_REQUEST"),
        ('"text"', 422, "INVALID_REQUEST"),
        ("7", 422, "INVALID_REQUEST"),
        ("{}", 422, "INVALID_REQUEST"),
        ('{"file_ids": []}', 422, "INVALID_REQUEST"),
        ('{"file_ids": null}', 422, "INVALID_REQUEST"),
        ('{"file_ids": 70000}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [true]}', 422, "INVALID_REQUEST"),
        ('{"file_ids": ["70000"]}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [70000.0]}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [9999]}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [100000001]}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [1e400]}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [NaN]}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [' + "9" * 5_000 + "]}", 400, "INVALID_JSON"),
        (json.dumps({"file_ids": list(range(10_000, 11_001))}), 422, "INVALID_REQUEST"),
        ('{"file_ids": [70000], "surprise": 1}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [70000], "priority": "urgent"}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [70000], "callback_url": "no url"}', 422, "INVALID_REQUEST"),
        ('{"file_ids": [70000], "callback_url": "ftp://example.com"}', 422, "INVALID_REQUEST"),
        (json.dumps({"file_ids": [70000], "pad": "x" * MAX_BODY_BYTES}), 400, "BODY_TOO_LARGE"),
        ('{"file_ids": [70000], "callback_url": "\\ud800"}', 422, "INVALID_REQUEST"),
    ],
)
def test_bad_bodies_get_a_clear_answer_and_write_nothing(
    aws: SimpleNamespace, body: str | None, status: int, code: str
) -> None:
    answer = post(body)
    error = error_of(answer)
    assert (answer["statusCode"], error["code"]) == (status, code)
    assert error["message"]
    assert len(answer["body"]) < 10_000
    assert nothing_written(aws)


def callback_of(length: int) -> str:
    url = "https://a.example/".ljust(length, "x")
    return json.dumps({"file_ids": [70000], "callback_url": url})


def test_a_callback_may_be_as_long_as_the_contract_says(aws: SimpleNamespace) -> None:
    assert post(callback_of(2_048))["statusCode"] == 202


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ("[1]", "body", "This should be a JSON object"),
        ("", "body", "This is required"),
        ('{"file_ids": "70000"}', "body.file_ids", "This should be a list"),
        ('{"file_ids": []}', "body.file_ids", "This should have at least 1 entry"),
        ('{"file_ids": [70000, "7"]}', "body.file_ids.1", "This should be a whole number, without quotes"),
        ('{"file_ids": [70000], "format": "zip"}', "body.format", "There is no field of this name"),
        ('{"file_ids": [70000], "bundle": "tar"}', "body.bundle", "This should be 'zip'"),
        ('{"file_ids": [70000], "bundle": true}', "body.bundle", "This should be 'zip'"),
        ('{"file_ids": [70000], "callback_url": "hook"}', "body.callback_url",
         "This should be a whole address, such as https://example.com/hook"),
        ('{"file_ids": [70000], "callback_url": "ftp://a.example"}', "body.callback_url",
         "This should be an address that begins with https://"),
        # Two limits were told before: of what came, and of what was read.
        (callback_of(2_049), "body.callback_url", "This should have at most 2048 characters"),
        (callback_of(2_084), "body.callback_url", "This should have at most 2048 characters"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_in_words_that_know_no_python(
    aws: SimpleNamespace, body: str, field: str, words: str
) -> None:
    assert error_of(post(body))["details"] == [{"field": field, "message": words}]


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "https://u:p@a.example/", "https://169.254.169.254/", "https://2130706433/",
     "https://[::ffff:10.0.0.1]/", "https://0x7f.1/"],
)  # fmt: skip
def test_a_callback_that_can_never_be_called_is_refused(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("WEBHOOK_ALLOW_HTTP", "false")
    monkeypatch.setenv("WEBHOOK_ALLOW_PRIVATE", "false")
    answer = post(json.dumps({"file_ids": [70000], "callback_url": url}))
    error = error_of(answer)
    assert (answer["statusCode"], error["code"]) == (422, "INVALID_REQUEST")
    assert [detail["field"] for detail in error["details"]] == ["callback_url"]
    assert nothing_written(aws)


def test_a_callback_is_kept_with_the_job(aws: SimpleNamespace) -> None:
    body = post(json.dumps({"file_ids": [70000], "callback_url": "https://a.example/hook"}))["body"]
    assert aws.jobs.get(json.loads(body)["jobId"]).callback_url == "https://a.example/hook"


def test_a_body_in_base64_that_is_no_text(aws: SimpleNamespace) -> None:
    event = sample("initiate_job") | {"body": "//79/w==", "isBase64Encoded": True}
    answer = initiate_job.handler(event, context())
    assert (answer["statusCode"], error_of(answer)["code"]) == (400, "INVALID_JSON")


@pytest.mark.parametrize("given", ["x" * 129, "line\nbreak", "é", ""])
def test_an_insane_request_id_is_replaced(aws: SimpleNamespace, given: str) -> None:
    answer = post('{"file_ids": [70000]}', **{"x-request-id": given})
    assert UUID(answer["headers"]["x-request-id"])


def test_a_table_that_does_not_answer_is_a_503_that_says_when_to_come_again(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Port 9 (discard) answers nobody.
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    answer = post('{"file_ids": [70000]}')
    assert (answer["statusCode"], error_of(answer)["code"]) == (503, "SERVICE_UNAVAILABLE")
    assert answer["headers"]["Retry-After"] == "2"
    assert messages(aws, "normal") == []


@pytest.mark.parametrize(("more", "status"), [(-1, 202), (0, 202), (1, 400)])
@pytest.mark.parametrize("in_base64", [False, True])
def test_a_body_is_as_large_as_what_was_sent(
    aws: SimpleNamespace, in_base64: bool, more: int, status: int
) -> None:
    """API Gateway hands on what comes under a type that is no text in base64, a third longer."""
    body = b'{"file_ids": [70000]}'.ljust(MAX_BODY_BYTES + more)
    text = b64encode(body).decode() if in_base64 else body.decode()
    event = sample("initiate_job") | {"body": text, "isBase64Encoded": in_base64}
    assert initiate_job.handler(event, context())["statusCode"] == status


def test_a_table_that_is_not_there_is_our_fault_and_a_500(aws: SimpleNamespace) -> None:
    aws.dynamodb.delete_table(TableName="downloads")
    answer = post('{"file_ids": [70000]}')
    assert (answer["statusCode"], error_of(answer)["code"]) == (500, "INTERNAL_ERROR")


def test_the_same_key_and_body_answer_with_the_same_job(aws: SimpleNamespace) -> None:
    body = '{"file_ids": [70000, 70007]}'
    first = post(body, **{"idempotency-key": "k-1"})
    again = post('{"file_ids": [70007, 70000, 70000]}', **{"idempotency-key": "k-1"})
    other = post(body, **{"idempotency-key": "k-2"})
    ids = [json.loads(answer["body"])["jobId"] for answer in (first, again, other)]
    assert ids[0] == ids[1] != ids[2]
    assert again["headers"]["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first["headers"]
    assert len(messages(aws, "normal")) == 4


def test_the_same_key_with_another_body_is_refused(aws: SimpleNamespace) -> None:
    post('{"file_ids": [70000]}', **{"idempotency-key": "k-1"})
    answer = post('{"file_ids": [70007]}', **{"idempotency-key": "k-1"})
    assert (answer["statusCode"], error_of(answer)["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "é"])
def test_a_key_that_is_none(aws: SimpleNamespace, key: str) -> None:
    answer = post('{"file_ids": [70000]}', **{"idempotency-key": key})
    assert (answer["statusCode"], error_of(answer)["code"]) == (422, "INVALID_REQUEST")
    assert nothing_written(aws)


def test_files_that_cannot_be_queued_do_not_lose_the_job(aws: SimpleNamespace) -> None:
    aws.sqs.delete_queue(QueueUrl=aws.urls["normal"])
    answer = post('{"file_ids": [70000]}')
    assert answer["statusCode"] == 202
    assert aws.jobs.get(json.loads(answer["body"])["jobId"]) is not None
