"""Files that a claim does not give: failed at once, never looked at, wherever they are asked for."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

import bundle_files
import initiate_job
import jobs_api
import process_file
import redrive_files
import sweep_jobs
from downloads import wiring
from tests.integration.conftest import context, sample
from tests.integration.signed_in import by, request

DAYS = 10
CLAIM = {"cognito:groups": "[staff files:70000-70006]"}


@pytest.fixture(autouse=True)
def a_claim_decides(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTH_MODE", "jwt")
    monkeypatch.setenv("FILES_CLAIM", "cognito:groups")
    wiring.settings.cache_clear()


def post(path: str, body: object) -> dict[str, Any]:
    event = by("bob", request(path, "POST", json.dumps(body)), **CLAIM)
    function = initiate_job if path.endswith("initiate") else jobs_api
    told: dict[str, Any] = json.loads(function.handler(event, context())["body"])
    return told


def status(job_id: str) -> dict[str, Any]:
    event = by("bob", request(f"/v1/download/status/{job_id}"), **CLAIM)
    told: dict[str, Any] = json.loads(jobs_api.handler(event, context())["body"])
    return told


def queued(aws: SimpleNamespace) -> list[dict[str, Any]]:
    reply = aws.sqs.receive_message(QueueUrl=aws.urls["normal"], MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in reply.get("Messages", [])]


def test_they_fail_at_once_and_the_rest_is_prepared(aws: SimpleNamespace) -> None:
    job_id = post("/v1/download/initiate", {"file_ids": [70000, 70007, 99999]})["jobId"]
    assert [message["fileId"] for message in queued(aws)] == [70000]
    files = {file["file_id"]: file for file in status(job_id)["files"]}
    assert files[70000]["status"] == "pending"
    # One is there and one is not: nothing tells them apart.
    assert {**files[70007], "file_id": 0} == {**files[99999], "file_id": 0}
    assert files[70007]["errorCode"] == "FORBIDDEN"


def test_a_job_of_nothing_else_has_ended_by_the_answer(aws: SimpleNamespace) -> None:
    told = post("/v1/download/initiate", {"file_ids": [70007]})
    assert told["status"] == "failed"
    assert queued(aws) == []


def test_with_fail_fast_the_job_ends_and_nothing_is_sent(aws: SimpleNamespace) -> None:
    told = post("/v1/download/initiate", {"file_ids": [70000, 70007], "on_error": "fail_fast"})
    assert (told["status"], queued(aws)) == ("failed", [])


def test_a_forged_message_brings_nothing(aws: SimpleNamespace) -> None:
    job_id = post("/v1/download/initiate", {"file_ids": [70000, 70007]})["jobId"]
    event = sample("process_file")
    for record, file_id in zip(event["Records"], (70000, 70007), strict=False):
        record["body"] = json.dumps({"jobId": job_id, "fileId": file_id, "round": 1})
    process_file.handler(event, context())
    states = {file["file_id"]: file["status"] for file in status(job_id)["files"]}
    assert states == {70000: "completed", 70007: "failed"}


def test_a_retry_of_nothing_else_has_nothing_to_retry(aws: SimpleNamespace) -> None:
    job_id = post("/v1/download/initiate", {"file_ids": [70007]})["jobId"]
    refused = post(f"/v1/download/{job_id}/retry", None)
    assert refused["error"]["code"] == "NOTHING_TO_RETRY"


def test_their_results_are_kept_as_long_as_any_other(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written by initiate_job, jobs_api and redrive_files, which know how long that is, as the workers do."""
    monkeypatch.setenv("FILE_TTL_SECONDS", str(DAYS * 86_400))
    wiring.settings.cache_clear()
    job_id = post("/v1/download/initiate", {"file_ids": [70001, 70007]})["jobId"]
    assert kept(aws, job_id) == (1, DAYS)
    _fail(job_id, 70001, round_=1)
    post(f"/v1/download/{job_id}/retry", None)
    assert kept(aws, job_id) == (2, DAYS)
    _fail(job_id, 70001, round_=2)
    letter = json.dumps({"jobId": job_id, "fileId": 70001, "round": 2})
    aws.sqs.send_message(QueueUrl=aws.urls["parked"], MessageBody=letter)
    assert redrive_files.handler({}, context()) == {"retried": 1}
    assert kept(aws, job_id) == (3, DAYS)


def kept(aws: SimpleNamespace, job_id: str) -> tuple[int, int]:
    """The round of the withheld file's result, and the days from its job's begin that it is kept for."""
    key = {"PK": {"S": f"JOB#{job_id}#0"}, "SK": {"S": "FILE#000070007"}}
    item = aws.dynamodb.get_item(TableName="downloads", Key=key)["Item"]
    created_at = int(aws.jobs.get(job_id).created_at.timestamp())
    return int(item["round"]["N"]), (int(item["expires_at"]["N"]) - created_at) // 86_400


def _fail(job_id: str, file_id: int, round_: int) -> None:
    """The store has no such file."""
    event = sample("process_file")
    event["Records"] = event["Records"][:1]
    event["Records"][0]["body"] = json.dumps({"jobId": job_id, "fileId": file_id, "round": round_})
    process_file.handler(event, context())


def test_the_sweeper_sends_no_message_for_them(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    job_id = post("/v1/download/initiate", {"file_ids": [70000, 70007]})["jobId"]
    queued(aws)
    for partition, sort_key in ((f"JOB#{job_id}#0", "FILE#000070007"), (f"JOB#{job_id}", "TALLY#0001#00")):
        aws.dynamodb.delete_item(TableName="downloads", Key={"PK": {"S": partition}, "SK": {"S": sort_key}})
    _set_back(aws, job_id)
    sweep_jobs.handler(sample("sweep_jobs"), context())
    assert status(job_id)["files"][1]["errorCode"] == "FORBIDDEN"


def test_who_may_have_them_no_more_gets_no_link_to_what_is_ready(aws: SimpleNamespace) -> None:
    job_id = post("/v1/download/initiate", {"file_ids": [70000]})["jobId"]
    event = sample("process_file")
    event["Records"] = event["Records"][:1]
    event["Records"][0]["body"] = json.dumps({"jobId": job_id, "fileId": 70000, "round": 1})
    process_file.handler(event, context())
    assert status(job_id)["files"][0]["downloadUrl"]
    for path in (f"status/{job_id}", job_id):
        without = by("bob", request(f"/v1/download/{path}"), **{"cognito:groups": "[staff]"})
        answer = jobs_api.handler(without, context())
        assert answer["statusCode"] == 200
        assert "downloadUrl" not in answer["body"]
    for query in ({"file_id": "70000"}, {"file_id": "70000", "redirect": "true"}):
        without = by("bob", request(f"/v1/download/{job_id}", **query), **{"cognito:groups": "[staff]"})
        refused = jobs_api.handler(without, context())
        assert (refused["statusCode"], json.loads(refused["body"])["error"]["code"]) == (409, "FILE_FAILED")


def test_who_may_have_a_file_no_more_gets_no_archive_that_holds_it(aws: SimpleNamespace) -> None:
    job_id = post("/v1/download/initiate", {"file_ids": [70000, 70007], "bundle": "zip"})["jobId"]
    prepared, due = sample("process_file"), sample("bundle_files")
    prepared["Records"] = prepared["Records"][:1]
    prepared["Records"][0]["body"] = json.dumps({"jobId": job_id, "fileId": 70000, "round": 1})
    process_file.handler(prepared, context())
    due["Records"][0]["body"] = json.dumps({"jobId": job_id, "round": 1})
    bundle_files.handler(due, context())
    # What was withheld from the first is not in it, and withholds nothing.
    assert len(status(job_id)["bundle"]["archives"]) == 1
    for path in (f"status/{job_id}", job_id):
        without = by("bob", request(f"/v1/download/{path}", limit="0"), **{"cognito:groups": "[staff]"})
        told = json.loads(jobs_api.handler(without, context())["body"])["bundle"]
        assert (told["status"], told["errorCode"]) == ("completed", "FORBIDDEN")
        assert told["error"]
        assert "archives" not in told


def test_check_and_start_tell_no_more(aws: SimpleNamespace) -> None:
    there, absent = (post("/v1/download/check", {"file_id": file_id}) for file_id in (70007, 99999))
    assert {**there, "file_id": 0} == {**absent, "file_id": 0}
    assert (there["available"], there["s3Key"], there["size"]) == (False, None, None)
    started = post("/v1/download/start", {"file_id": 70007})
    assert (started["status"], started["downloadUrl"]) == ("failed", None)
    assert post("/v1/download/check", {"file_id": 70000})["available"]


def _set_back(aws: SimpleNamespace, job_id: str) -> None:
    """As if the sweeper had been patient with it for long."""
    aws.dynamodb.update_item(
        TableName="downloads",
        Key={"PK": {"S": f"JOB#{job_id}"}, "SK": {"S": "JOB"}},
        UpdateExpression="SET check_at = :past, seen_version = version, sweeps = :many",
        ExpressionAttributeValues={":past": {"N": "1"}, ":many": {"N": "9"}},
    )
