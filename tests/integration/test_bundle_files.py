"""bundle_files on moto with its sample event; the way of a bundle to it, and what callers see of it."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from types import SimpleNamespace
from typing import Any
from zipfile import ZipFile

import pytest

import bundle_files
import forget_user
import initiate_job
import jobs_api
import publish_progress
import sweep_jobs
from downloads import clients
from downloads.bundle import BundleFormat, wanted
from downloads.file import PreparedFile, StoredObject
from downloads.model import NOTICE_GRACE, Job
from tests.conftest import a_job, failed
from tests.integration.conftest import FILES, IDS, JOB_ID, context, lines, sample

NOW = datetime.now(UTC).replace(microsecond=0)
DONE: dict[str, list[Any]] = {"batchItemFailures": []}


@pytest.fixture
def job(aws: SimpleNamespace) -> Job:
    """The samples' job, whose files all have a result, so that its bundle is due."""
    made = a_job(
        total=3,
        job_id=JOB_ID,
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
        bundle=wanted(BundleFormat.ZIP),
        callback_url="https://receiver.example.com/hook",
    )
    aws.jobs.create(made, IDS)
    results: list[Any] = [ready(aws, file_id) for file_id in FILES]
    aws.jobs.record(made, [*results, failed(70014)], NOW)
    return stored(aws)


def ready(aws: SimpleNamespace, file_id: int) -> PreparedFile:
    key = f"downloads/{file_id}.zip"
    etag = aws.s3.head_object(Bucket="downloads", Key=key)["ETag"].strip('"')
    return PreparedFile(file_id, StoredObject(key, len(FILES[file_id]), etag))


def stored(aws: SimpleNamespace) -> Job:
    found = aws.jobs.get(JOB_ID)
    assert isinstance(found, Job)
    return found


def called(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(jobs_api.handler(sample(name), context())["body"])
    return body


def queued(aws: SimpleNamespace) -> list[dict[str, Any]]:
    found = aws.sqs.receive_message(QueueUrl=aws.urls["bundles"], MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in found.get("Messages", [])]


def changed(aws: SimpleNamespace, before: dict[str, Any]) -> dict[str, Any]:
    """The stream's record of the job's last change."""
    event = sample("publish_progress")
    record = event["Records"][0]
    record["dynamodb"] |= {"OldImage": before, "NewImage": item(aws)}
    return event | {"Records": [record]}


def item(aws: SimpleNamespace) -> dict[str, Any]:
    found: dict[str, Any] = aws.dynamodb.get_item(TableName="downloads", Key=key("JOB"))["Item"]
    return found


def key(sort_key: str) -> dict[str, Any]:
    return {"PK": {"S": f"JOB#{JOB_ID}"}, "SK": {"S": sort_key}}


def checkpoint(aws: SimpleNamespace) -> dict[str, Any]:
    """As the stream has it: bytes are base64-encoded there."""
    found: dict[str, Any] = aws.dynamodb.get_item(TableName="downloads", Key=key("BUNDLE"))["Item"]
    return found | {"crcs": {"B": b64encode(found["crcs"]["B"]).decode()}}


def gone(checkpoint: dict[str, Any]) -> dict[str, Any]:
    """The stream's record of its removal, by its TTL: "DynamoDB Streams and Time to Live" in the guide."""
    record = sample("publish_progress")["Records"][0] | {
        "eventName": "REMOVE",
        "userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"},
        "dynamodb": {"Keys": key("BUNDLE"), "OldImage": checkpoint, "SequenceNumber": "1"},
    }
    return {"Records": [record]}


def test_the_sample_is_bundled_and_its_archive_is_handed_out(
    aws: SimpleNamespace, job: Job, logged: StringIO
) -> None:
    assert (job.status, job.percentage, job.bundle_due) == ("processing", 50, True)
    assert "archives" not in called("jobs_api")["bundle"]
    assert bundle_files.handler(sample("bundle_files"), context()) == DONE
    status, links = called("jobs_api"), called("jobs_api.links")
    assert (status["status"], status["progress"]["percentage"]) == ("completed", 100)
    (archive,) = status["bundle"]["archives"]
    assert archive | {"downloadUrl": ""} == links["bundle"]["archives"][0] | {
        "downloadUrl": "",
        "urlExpiresAt": archive["urlExpiresAt"],
    }
    assert "archives/bundles" in archive["downloadUrl"] or "archives.s3" in archive["downloadUrl"]
    data = aws.s3.get_object(Bucket="archives", Key=f"bundles/{JOB_ID}/1/{archive['filename']}")[
        "Body"
    ].read()
    with ZipFile(BytesIO(data)) as opened:
        assert opened.testzip() is None
        assert opened.read("70000.zip") == FILES[70000]
    assert (archive["size"], status["bundle"]["bytesTotal"]) == (len(data), len(data))
    (line,) = [line for line in lines(logged) if line["message"] == "bundle"]
    assert (line["outcome"], line["jobId"]) == ("completed", JOB_ID)


def test_the_stream_asks_for_a_bundle_that_is_due(aws: SimpleNamespace, job: Job) -> None:
    before = item(aws) | {"version": {"N": "1"}}
    assert publish_progress.handler(changed(aws, before), context()) == DONE
    assert queued(aws) == [{"jobId": JOB_ID, "round": 1}]


def test_the_sweeper_asks_for_what_the_stream_lost(
    aws: SimpleNamespace, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.jobs.put_off(job, NOW - timedelta(seconds=1), 1)
    assert job.check_at == NOW + NOTICE_GRACE
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {"bundle_asked": 1}
    assert queued(aws) == [{"jobId": JOB_ID, "round": 1}]


def test_a_cancel_has_a_begun_bundle_cleared_away(aws: SimpleNamespace, job: Job) -> None:
    assert job.bundle
    begun = job.bundled(job.bundle.begun(1_000, NOW), NOW)
    aws.jobs.swap(job, begun)
    aws.s3.create_multipart_upload(Bucket="archives", Key=f"bundles/{JOB_ID}/1/{JOB_ID}.zip")
    before = item(aws)
    assert called("jobs_api.cancel")["bundle"]["errorCode"] == "JOB_ENDED"
    assert publish_progress.handler(changed(aws, before), context()) == DONE
    assert queued(aws) == [{"jobId": JOB_ID, "round": 1}]
    assert bundle_files.handler(sample("bundle_files"), context()) == DONE
    assert "Uploads" not in aws.s3.list_multipart_uploads(Bucket="archives")


def test_an_expired_job_takes_the_archives_of_all_its_rounds_with_it(aws: SimpleNamespace, job: Job) -> None:
    bundle_files.handler(sample("bundle_files"), context())
    aws.s3.put_object(Bucket="archives", Key=f"bundles/{JOB_ID}/2/half.zip", Body=b"of a later round")
    expired = gone(checkpoint(aws))
    for sort_key in ("JOB", "BUNDLE"):
        aws.dynamodb.delete_item(TableName="downloads", Key=key(sort_key))
    assert publish_progress.handler(expired, context()) == DONE
    assert queued(aws) == [{"jobId": JOB_ID, "round": 1}]
    assert bundle_files.handler(sample("bundle_files"), context()) == DONE
    assert "Contents" not in aws.s3.list_objects_v2(Bucket="archives")


def test_a_user_who_is_forgotten_takes_the_archives_along(aws: SimpleNamespace, job: Job) -> None:
    bundle_files.handler(sample("bundle_files"), context())
    assert "Contents" in aws.s3.list_objects_v2(Bucket="archives")
    ann = "user:ann"
    aws.dynamodb.put_item(TableName="downloads", Item=item(aws) | {"owner": {"S": ann}})
    removed = gone(checkpoint(aws))
    told = forget_user.handler({"owner": ann}, context())
    assert (told["jobs"], told["done"]) == (1, True)
    assert "Item" not in aws.dynamodb.get_item(TableName="downloads", Key=key("BUNDLE"))
    assert publish_progress.handler(removed, context()) == DONE
    assert queued(aws) == [{"jobId": JOB_ID, "round": 1}]
    assert bundle_files.handler(sample("bundle_files"), context()) == DONE
    assert "Contents" not in aws.s3.list_objects_v2(Bucket="archives")


def test_an_expiry_that_cannot_be_queued_is_read_again(aws: SimpleNamespace, job: Job) -> None:
    aws.sqs.delete_queue(QueueUrl=aws.urls["bundles"])
    keys = {"PK": {"S": f"JOB#{JOB_ID}"}, "SK": {"S": "BUNDLE"}}
    stream = {"Keys": keys, "OldImage": {**keys, "round": {"N": "1"}}, "SequenceNumber": "7"}
    removed = {"Records": [{"eventName": "REMOVE", "dynamodb": stream}]}
    assert publish_progress.handler(removed, context()) == {"batchItemFailures": [{"itemIdentifier": "7"}]}


@pytest.mark.usefixtures("aws", "job", "table_away")
@pytest.mark.parametrize(("attempt", "least", "most"), [("1", 2, 4), ("3", 32, 64)])
def test_a_table_that_is_away_has_the_message_come_again_soon_and_ever_later(
    attempt: str, least: int, most: int
) -> None:
    """Not after the queue's own visibility timeout, which is made for six runs."""
    hidden: list[int] = []
    sqs = clients.sqs_client()
    sqs.meta.events.register(
        "provide-client-params.sqs.ChangeMessageVisibility",
        lambda params, **_: hidden.append(params["VisibilityTimeout"]),
    )
    event = sample("bundle_files")
    (record,) = event["Records"]
    record["attributes"]["ApproximateReceiveCount"] = attempt
    kept = bundle_files.handler(event, context())["batchItemFailures"]
    assert kept == [{"itemIdentifier": record["messageId"]}]
    assert [least <= seconds <= most for seconds in hidden] == [True]


def test_what_is_no_message_goes_its_way_to_the_dead_letters(aws: SimpleNamespace, job: Job) -> None:
    event = sample("bundle_files")
    event["Records"][0]["body"] = '{"jobId": "x"}'
    kept = bundle_files.handler(event, context())["batchItemFailures"]
    assert kept == [{"itemIdentifier": event["Records"][0]["messageId"]}]
    assert stored(aws) == job


def test_a_store_that_fails_is_tried_again_and_at_the_last_try_given_up(
    aws: SimpleNamespace, job: Job
) -> None:
    aws.s3.delete_bucket(Bucket="archives")
    event = sample("bundle_files")
    assert len(bundle_files.handler(event, context())["batchItemFailures"]) == 1
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = "5"
    bundle_files.handler(event, context())
    ended = called("jobs_api")
    assert (ended["status"], ended["bundle"]["errorCode"]) == ("completed", "STORAGE_UNAVAILABLE")


def test_a_stage_without_a_bucket_for_them_refuses(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUNDLES", "false")
    event = sample("initiate_job")
    event["body"] = json.dumps({"file_ids": [70000], "bundle": "zip"})
    reply = initiate_job.handler(event, context())
    assert reply["statusCode"] == 422
    assert json.loads(reply["body"])["error"]["details"][0]["field"] == "bundle"


def test_an_order_with_a_bundle_is_another_than_one_without(aws: SimpleNamespace) -> None:
    event = sample("initiate_job")
    event["headers"]["idempotency-key"] = "bundled-1"
    bodies = [{"file_ids": [70000], "bundle": "zip"}] * 2 + [{"file_ids": [70000]}]
    replies = []
    for body in bodies:
        event["body"] = json.dumps(body)
        replies.append(initiate_job.handler(event, context()))
    assert [reply["statusCode"] for reply in replies] == [202, 202, 422]
    assert json.loads(replies[0]["body"])["jobId"] == json.loads(replies[1]["body"])["jobId"]
    assert json.loads(replies[2]["body"])["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"
