"""deliver_webhook on moto with its sample event and receivers on loopback; the way of a notice to it."""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

import deliver_webhook
import jobs_api
import publish_progress
import sweep_jobs
from downloads import wiring
from downloads.errors import KeysUnavailableError, NoticeUnsentError, StateUnavailableError
from downloads.model import NOTICE_GRACE, Job
from downloads.notice import LEASE, Attempt, Failure, Outcome
from tests.conftest import a_job, failed, ready
from tests.integration.conftest import IDS, JOB_ID, SECRET, context, sample
from tests.receivers import Receiver, status
from tests.sockets import SocketApi

ID = f"msg_{JOB_ID}_3"


def deliver(aws: SimpleNamespace, url: str) -> list[str]:
    """The sample's notice, for another URL, put into the queue and taken out, so that its receipt is real."""
    event = sample("deliver_webhook")
    (record,) = event["Records"]
    record["body"] = json.dumps(json.loads(record["body"]) | {"url": url})
    aws.sqs.send_message(QueueUrl=aws.urls["notices"], MessageBody=record["body"])
    record["receiptHandle"] = received(aws, "notices")[0]["ReceiptHandle"]
    kept = deliver_webhook.handler(event, context())["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in kept]


def received(aws: SimpleNamespace, queue: str) -> list[Any]:
    found: list[Any] = aws.sqs.receive_message(QueueUrl=aws.urls[queue], MaxNumberOfMessages=10).get(
        "Messages", []
    )
    return found


def outcomes(aws: SimpleNamespace) -> list[tuple[Outcome, int | None]]:
    return [(attempt.outcome, attempt.status) for attempt in aws.deliveries.of(JOB_ID)]


def message_id() -> str:
    found: str = sample("deliver_webhook")["Records"][0]["messageId"]
    return found


def test_the_sample_is_delivered_and_a_receiver_can_verify_it(aws: SimpleNamespace) -> None:
    with Receiver(status(204)) as receiver:
        assert deliver(aws, receiver.url) == []
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    told = Webhook(f"whsec_{SECRET}").verify(body, headers)
    assert (told["type"], told["data"]["failedFiles"]) == (
        "download.completed",
        [{"file_id": 70014, "errorCode": "NOT_FOUND"}],
    )
    assert headers["webhook-id"] == ID
    assert body.decode() == json.loads(sample("deliver_webhook")["Records"][0]["body"])["body"]
    assert outcomes(aws) == [(Outcome.DELIVERED, 204)]


def test_delivered_twice_changes_nothing(aws: SimpleNamespace) -> None:
    with Receiver(status(200)) as receiver:
        assert [deliver(aws, receiver.url) for _ in range(3)] == [[], [], []]
    assert len(receiver.requests) == 1


@pytest.mark.parametrize("code", [500, 302])
def test_a_failure_is_kept_and_hidden_until_the_next_attempt(aws: SimpleNamespace, code: int) -> None:
    with Receiver(status(code)) as receiver:
        assert deliver(aws, receiver.url) == [message_id()]
        assert deliver(aws, receiver.url) == [message_id()]
    assert len(receiver.requests) == 1
    assert outcomes(aws) == [(Outcome.FAILED, code)]
    assert received(aws, "notices") == []
    assert received(aws, "undelivered") == []


def test_410_is_recorded_and_no_dead_letter(aws: SimpleNamespace) -> None:
    with Receiver(status(410)) as receiver:
        assert deliver(aws, receiver.url) == []
    assert outcomes(aws) == [(Outcome.STOPPED, 410)]
    assert received(aws, "undelivered") == []


def test_the_tenth_failure_is_one_dead_letter(aws: SimpleNamespace) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=1)
    aws.deliveries.begin(Attempt(JOB_ID, 3, 9, long_ago, Outcome.FAILED, long_ago + LEASE))
    with Receiver(status(503)) as receiver:
        assert deliver(aws, receiver.url) == []
    assert outcomes(aws)[-1] == (Outcome.EXHAUSTED, 503)
    (letter,) = received(aws, "undelivered")
    assert json.loads(letter["Body"])["series"] == 2


def test_what_only_resolving_tells_ends_with_its_reason(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEBHOOK_ALLOW_PRIVATE", "false")
    with Receiver(status(200)) as receiver:
        assert deliver(aws, f"http://localhost:{receiver.port}/") == [message_id()]
    assert receiver.requests == []
    assert aws.deliveries.of(JOB_ID)[0].failure is Failure.ADDRESS_REFUSED


def test_an_unreadable_message_costs_one_dead_letter(aws: SimpleNamespace) -> None:
    event = sample("deliver_webhook")
    event["Records"][0]["body"] = '{"jobId": "x"}'
    assert deliver_webhook.handler(event, context()) == {"batchItemFailures": []}
    assert [letter["Body"] for letter in received(aws, "undelivered")] == ['{"jobId": "x"}']


def test_during_a_rotation_both_keys_verify(aws: SimpleNamespace) -> None:
    new = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3"
    value = json.dumps({"current": new, "previous": SECRET})
    aws.secrets.put_secret_value(SecretId=aws.secret_arn, SecretString=value)
    with Receiver(status(200)) as receiver:
        deliver(aws, receiver.url)
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    for secret in (new, SECRET):
        assert Webhook(f"whsec_{secret}").verify(body, headers)["data"]["jobId"] == JOB_ID


def test_faults_of_our_own_ring_and_cost_no_attempt(aws: SimpleNamespace) -> None:
    aws.secrets.put_secret_value(SecretId=aws.secret_arn, SecretString="no secret")
    with Receiver(status(200)) as receiver, pytest.raises(KeysUnavailableError):
        deliver(aws, receiver.url)
    assert (receiver.requests, outcomes(aws)) == ([], [])


def test_without_the_record_nothing_is_sent(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    # Port 9 (discard) answers nobody.
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
    with Receiver(status(200)) as receiver, pytest.raises(StateUnavailableError):
        deliver(aws, receiver.url)
    wiring.dynamodb_client.cache_clear()
    assert receiver.requests == []


def with_callback(aws: SimpleNamespace) -> Job:
    """The samples' job with a callback, ended so long ago that the stream must have lost it."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=10)
    url, later = "https://receiver.example.com/hook", began + timedelta(days=1)
    job = a_job(job_id=JOB_ID, callback_url=url, created_at=began, expires_at=later, check_at=began)
    aws.jobs.create(job, IDS)
    aws.jobs.record(job, [ready(70000), ready(70007), failed(70014)], began)
    ended: Job = aws.jobs.get(JOB_ID)
    assert ended.check_at == began + NOTICE_GRACE
    return ended


def stream_of(job: Job) -> dict[str, Any]:
    event = sample("publish_progress")
    for record in event["Records"]:
        image = record["dynamodb"]["NewImage"]
        if image["SK"] == {"S": "JOB"} and image["status"] == {"S": "completed"}:
            image |= {"callback_url": {"S": job.callback_url}, "check_at": {"N": "1795435320000"}}
    return event


def test_the_stream_queues_the_notice_of_an_end_once(aws: SimpleNamespace, socket_api: SocketApi) -> None:
    event = stream_of(with_callback(aws))
    for _ in range(2):
        assert publish_progress.handler(event, context()) == {"batchItemFailures": []}
    (message,) = received(aws, "notices")
    notice = json.loads(message["Body"])
    assert (notice["jobId"], notice["version"]) == (JOB_ID, 2)
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {}


def test_the_sweeper_queues_what_the_stream_lost(aws: SimpleNamespace) -> None:
    with_callback(aws)
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {"notified": 1}
    assert sweep_jobs.handler(sample("sweep_jobs"), context()) == {}
    assert len(received(aws, "notices")) == 1


def test_a_queue_of_notices_that_takes_none_holds_back_no_frame_and_rings_in_the_end(
    aws: SimpleNamespace, socket_api: SocketApi
) -> None:
    job = with_callback(aws)
    aws.watchers.add(JOB_ID, "watcher", None, datetime.now(UTC))
    aws.sqs.delete_queue(QueueUrl=aws.urls["notices"])
    assert publish_progress.handler(stream_of(job), context()) == {"batchItemFailures": []}
    assert socket_api.frames["watcher"]
    with pytest.raises(NoticeUnsentError):
        sweep_jobs.handler(sample("sweep_jobs"), context())
    assert aws.jobs.get(JOB_ID) == job


def log_of(job_id: str) -> dict[str, Any]:
    event = sample("jobs_api.deliveries")
    event["rawPath"] = event["requestContext"]["http"]["path"] = event["rawPath"].replace(JOB_ID, job_id)
    return jobs_api.handler(event, context())


def test_the_delivery_log_of_a_job(aws: SimpleNamespace) -> None:
    with Receiver(status(500)) as receiver:
        deliver(aws, receiver.url)
    answer = log_of(JOB_ID)
    (entry,) = json.loads(answer["body"])["deliveries"]
    next_at = datetime.fromisoformat(entry.pop("nextAttemptAt"))
    assert next_at > datetime.fromisoformat(entry.pop("at"))
    assert entry.pop("durationMs") >= 0
    assert entry == {
        "webhookId": ID,
        "attempt": 1,
        "outcome": "failed",
        "statusCode": 500,
        "error": "The receiver's status was not 2xx.",
        "errorCode": "STATUS",
    }


def test_the_log_of_a_job_without_attempts_is_empty_and_of_no_job_404(aws: SimpleNamespace, job: Job) -> None:
    assert json.loads(log_of(JOB_ID)["body"]) == {"jobId": JOB_ID, "deliveries": []}
    unknown = log_of("00000000-0000-4000-8000-000000000000")
    assert (unknown["statusCode"], json.loads(unknown["body"])["error"]["code"]) == (404, "JOB_NOT_FOUND")
