"""The ports of notices: what the queue, the record of attempts and the keys must do, fake and real."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import boto3
import pytest

from downloads.aws.deliveries import DynamoDeliveries
from downloads.aws.notices import SqsNotices
from downloads.aws.secrets import CACHED_S, SecretKeys
from downloads.contracts.messages import NoticeMessage
from downloads.errors import KeysUnavailableError, NoticeUnsentError
from downloads.notice import Attempt, Failure, Notice, Outcome
from downloads.notice_ports import Deliveries, Notices
from downloads.reading import read_json
from tests.contract.conftest import ALL, CLOUDS, a_name, cloud_of, make_table
from tests.notice_fakes import FakeDeliveries, FakeNotices

NOTICE = Notice(str(uuid4()), 3, "https://receiver.example/hook", '{"type":"download.completed"}')
NEW, OLD = "bmV3bmV3bmV3bmV3bmV3bmV3bmV3bmV3", "b2xkb2xkb2xkb2xkb2xkb2xkb2xkb2xk"


@pytest.fixture(params=ALL)
def deliveries(request: pytest.FixtureRequest) -> Deliveries:
    if request.param == "fake":
        return FakeDeliveries()
    client = cloud_of(request)("dynamodb")
    return DynamoDeliveries(client, make_table(client))


def attempt(now: datetime, **changes: Any) -> Attempt:
    return replace(Attempt("a", 3, 1, now, next_at=now + timedelta(seconds=65)), **changes)


def test_an_attempt_is_read_back_whole(deliveries: Deliveries, now: datetime) -> None:
    begun = attempt(now)
    assert deliveries.begin(begun)
    assert deliveries.of("a") == [begun]
    ended = replace(begun, outcome=Outcome.FAILED, status=500, failure=Failure.STATUS, duration_ms=12)
    deliveries.end(ended)
    assert deliveries.of("a") == [ended]


def test_an_attempt_is_begun_once(deliveries: Deliveries, now: datetime) -> None:
    assert deliveries.begin(attempt(now))
    assert not deliveries.begin(attempt(now + timedelta(seconds=1)))
    assert deliveries.of("a") == [attempt(now)]


def test_an_attempt_whose_answer_was_lost_is_begun_all_the_same(
    deliveries: Deliveries, now: datetime
) -> None:
    """botocore writes once more by itself, and the second write is refused for the first."""
    begun = attempt(now)
    assert deliveries.begin(begun)
    assert deliveries.begin(replace(begun))


def test_attempts_come_by_version_and_number_and_of_one_job(deliveries: Deliveries, now: datetime) -> None:
    for version, number in ((3, 10), (12, 1), (3, 2), (3, 9)):
        assert deliveries.begin(attempt(now, version=version, number=number))
    deliveries.begin(attempt(now, job_id="b"))
    assert [(one.version, one.number) for one in deliveries.of("a")] == [(3, 2), (3, 9), (3, 10), (12, 1)]
    assert deliveries.of("c") == []


@pytest.fixture(params=CLOUDS)
def sqs(request: pytest.FixtureRequest) -> Any:
    return cloud_of(request)("sqs")


@pytest.fixture
def urls(sqs: Any) -> list[str]:
    return [sqs.create_queue(QueueName=a_name())["QueueUrl"] for _ in ("notices", "undelivered")]


def received(sqs: Any, url: str) -> list[Any]:
    found: list[Any] = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return found


def test_a_notice_arrives_as_it_was_sent(sqs: Any, urls: list[str]) -> None:
    SqsNotices(sqs, *urls).send(NOTICE)
    (message,) = received(sqs, urls[0])
    assert read_json(message["Body"], NoticeMessage).notice() == NOTICE


def test_dead_letters_go_to_a_queue_of_their_own(sqs: Any, urls: list[str]) -> None:
    notices = SqsNotices(sqs, *urls)
    notices.bury(NOTICE)
    notices.reject("not a notice")
    bodies = [message["Body"] for message in received(sqs, urls[1])]
    assert bodies == [NoticeMessage.of(NOTICE).json(), "not a notice"]
    assert received(sqs, urls[0]) == []


def test_hidden_notices_come_again(sqs: Any, urls: list[str]) -> None:
    notices = SqsNotices(sqs, *urls)
    notices.send(NOTICE)
    (message,) = received(sqs, urls[0])
    assert notices.hide(message["ReceiptHandle"], 0)
    assert len(received(sqs, urls[0])) == 1
    assert not notices.hide("no receipt", 5)


@pytest.fixture(params=ALL)
def full(request: pytest.FixtureRequest) -> Notices:
    """Queues that take nothing."""
    if request.param == "fake":
        return FakeNotices(down=True)
    client = cloud_of(request)("sqs")
    urls = [client.create_queue(QueueName=a_name())["QueueUrl"] for _ in range(2)]
    for url in urls:
        client.delete_queue(QueueUrl=url)
    return SqsNotices(client, *urls)


def test_a_queue_that_takes_nothing_says_so(full: Notices) -> None:
    for call in (full.send, full.bury):
        with pytest.raises(NoticeUnsentError):
            call(NOTICE)


@pytest.fixture
def secrets(aws: None) -> Any:
    client = boto3.client("secretsmanager")
    client.create_secret(Name="webhook", SecretString=json.dumps({"current": OLD}))
    return client


def store(secrets: Any, text: str) -> None:
    secrets.put_secret_value(SecretId="webhook", SecretString=text)


def test_a_new_key_signs_five_minutes_after_it_was_stored_beside_the_old_one(secrets: Any) -> None:
    time = 1000.0
    keys = SecretKeys(secrets, "webhook", lambda: time)
    assert keys.live() == [b"old" * 8]
    store(secrets, json.dumps({"current": f"whsec_{NEW}", "previous": OLD}))
    time += CACHED_S - 1
    assert keys.live() == [b"old" * 8]
    time += 1
    assert keys.live() == [b"new" * 8, b"old" * 8]


@pytest.mark.parametrize(
    "text",
    ["no json", "[]", "3", "{}", '{"current": "short"}', '{"current": 7}', f'{{"previous": "{OLD}"}}',
     f'{{"current": "{NEW}", "previous": ""}}'],
)  # fmt: skip
def test_what_is_no_secret_is_not_signed_with_and_not_repeated(secrets: Any, text: str) -> None:
    store(secrets, text)
    with pytest.raises(KeysUnavailableError) as refused:
        SecretKeys(secrets, "webhook").live()
    assert refused.value.__cause__ is None
    assert len(text) <= 2 or text not in str(refused.value)


def test_a_missing_secret_is_a_fault_of_ours(secrets: Any) -> None:
    with pytest.raises(KeysUnavailableError):
        SecretKeys(secrets, "another").live()
