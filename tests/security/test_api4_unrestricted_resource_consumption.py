"""API4:2023. Nobody gets more than is theirs: by size, number, depth, or by calling all at once."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import httpx
import pytest

from infra_cdk.config import for_stage
from tests.e2e.conftest import Service, until
from tests.security.conftest import MOST_OPEN

CALLERS = 50
DEV = for_stage("dev")
INTERVAL_MS = 60_000 // DEV.rate_limit_per_minute
# Each caller says to be another: what a limit must not listen to.
PRETENCES = (
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "true-client-ip",
    "x-user-id",
    "user-agent",
    "cookie",
)


@pytest.mark.parametrize(
    "body",
    [
        b'{"file_ids": [70000], "x": "' + b"x" * 10_000_000 + b'"}',
        b'{"file_ids": [' + b"70000," * 999_999 + b"70000]}",
        b" " * 10_000_000 + b'{"file_ids": [70000]}',
    ],
    ids=["10 MB", "1,000,000 ids", "10 MB of blanks"],
)
def test_a_body_too_large_is_refused(alice: Service, body: bytes) -> None:
    reply = alice.http.post("/v1/download/initiate", content=body)
    # API Gateway's own limit is 10 MB; what passes it is refused by the function.
    assert reply.status_code in {400, 413}, reply.text
    assert reply.status_code == 413 or reply.json()["error"]["code"] == "BODY_TOO_LARGE"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"file_ids": [' + b"70000," * 40_000 + b"70000]}", 202),
        (json.dumps({"file_ids": list(range(70_000, 71_001))}).encode(), 422),
        (b'{"file_ids": [' + b",".join(b"%d" % one for one in range(50_000, 90_000)) + b"]}", 422),
        (b'{"file_ids": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"file_ids": [70000], "a": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_000 + b"}", 400),
        (b'{"file_ids": [' + b"9" * 200_000 + b"]}", 400),
        (b'{"file_ids": [7e4]}', 422),
    ],
    ids=["one id often", "1,001 ids", "40,000 ids", "deep lists", "deep objects", "a long number", "a float"],
)
@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_what_is_legal_in_size_and_unreasonable_all_the_same(
    newcomer: Service, body: bytes, status: int, kind: str
) -> None:
    """The gateway hands on as base64 what says that it is no text: its limit is the same."""
    reply = newcomer.http.post("/v1/download/initiate", content=body, headers={"content-type": kind})
    assert reply.status_code == status
    if status == 202:
        assert reply.json()["totalFiles"] == 1


@pytest.mark.parametrize("query", ["limit=1001", "limit=-1", "limit=1e9", "cursor=" + "A" * 129])
def test_no_page_is_larger_than_a_page(alice: Service, alices: str, query: str) -> None:
    for path in (f"/v1/download/status/{alices}", "/v1/downloads"):
        assert alice.http.get(f"{path}?{query}").status_code == 422


def start(user: Service, number: int, file_ids: list[int]) -> httpx.Response:
    pretended = dict.fromkeys(PRETENCES, f"198.51.100.{number}")
    return user.http.post("/v1/download/initiate", json={"file_ids": file_ids}, headers=pretended)


def all_at_once(user: Service, file_ids: list[int]) -> list[httpx.Response]:
    with ThreadPoolExecutor(CALLERS) as many:
        return list(many.map(lambda number: start(user, number, file_ids), range(CALLERS)))


def code(reply: httpx.Response) -> str:
    return "ACCEPTED" if reply.status_code == 202 else str(reply.json()["error"]["code"])


def bucket(user: Service) -> int:
    """The moment at which the user's bucket is full again, in milliseconds."""
    key = {"PK": {"S": f"CALLER#{user.owner}"}, "SK": {"S": "BUCKET"}}
    table = user.cloud.client("dynamodb")
    item = table.get_item(TableName=user.cloud.outputs["TableName"], Key=key)["Item"]
    return int(item["full_at"]["N"])


def test_of_50_callers_at_once_not_one_is_over_the_burst(newcomer: Service, alice: Service) -> None:
    # A body that is refused costs nothing, and starts as many functions as the callers will need.
    assert {reply.status_code for reply in all_at_once(newcomer, [])} == {422}
    began = time.time() * 1000
    replies = all_at_once(newcomer, [70000])
    ended = time.time() * 1000
    codes = Counter(code(reply) for reply in replies)
    # A place among the open jobs is asked for after the rate has been paid.
    paid = codes["ACCEPTED"] + codes["TOO_MANY_OPEN_JOBS"]
    assert paid + codes["RATE_LIMITED"] == CALLERS
    assert DEV.rate_limit_burst <= paid <= DEV.rate_limit_burst + (ended - began) / INTERVAL_MS
    # Each who came through has put off by one interval the moment at which all is refilled.
    assert began <= bucket(newcomer) - paid * INTERVAL_MS <= ended
    for reply in replies:
        assert reply.headers["ratelimit-limit"] == str(DEV.rate_limit_burst)
        assert 0 <= int(reply.headers["ratelimit-remaining"]) <= DEV.rate_limit_burst
        assert int(reply.headers["ratelimit-reset"]) <= DEV.rate_limit_burst * INTERVAL_MS // 1000
        if code(reply) == "RATE_LIMITED":
            assert reply.status_code == 429
            assert int(reply.headers["retry-after"]) >= 1
    assert codes["RATE_LIMITED"] >= 1
    # Same address, another user: what one has used up is nobody else's.
    assert code(start(alice, 0, [70000])) == "ACCEPTED"


@pytest.fixture
def standstill(alice: Service) -> Iterator[str]:
    """The normal lane, from which nothing is taken: what was started stays open."""
    client = alice.cloud.client("lambda")
    lane = alice.cloud.outputs["NormalQueueUrl"].rsplit("/", 1)[-1]
    mappings = client.list_event_source_mappings(FunctionName=alice.cloud.outputs["ProcessFileName"])
    (mapping,) = [
        one["UUID"] for one in mappings["EventSourceMappings"] if one["EventSourceArn"].endswith(f":{lane}")
    ]
    client.update_event_source_mapping(UUID=mapping, Enabled=False)
    # What the mapping was about to take is taken.
    time.sleep(1.5)
    yield alice.cloud.outputs["NormalQueueUrl"]
    client.update_event_source_mapping(UUID=mapping, Enabled=True)


def open_jobs(user: Service) -> list[dict[str, Any]]:
    jobs = user.http.get("/v1/downloads", params={"limit": 100}).json()["jobs"]
    return [job for job in jobs if job["status"] in {"queued", "processing"}]


def test_of_50_callers_at_once_not_one_opens_a_job_too_many(newcomer: Service, standstill: str) -> None:
    codes = Counter(code(reply) for reply in all_at_once(newcomer, [70000, 70007]))
    assert codes["ACCEPTED"] == len(open_jobs(newcomer)) == MOST_OPEN
    assert codes["TOO_MANY_OPEN_JOBS"] >= DEV.rate_limit_burst - MOST_OPEN
    time.sleep(1.1)
    refused = start(newcomer, 0, [70000])
    assert (refused.status_code, code(refused)) == (429, "TOO_MANY_OPEN_JOBS")
    assert int(refused.headers["retry-after"]) >= 1
    for job in open_jobs(newcomer):
        assert newcomer.http.delete(f"/v1/download/{job['jobId']}").status_code == 200
    time.sleep(1.1)
    assert code(start(newcomer, 0, [70000])) == "ACCEPTED"


def test_a_retry_is_no_way_around_the_limit_of_open_jobs(newcomer: Service, standstill: str) -> None:
    done = newcomer.initiate([70084], priority="high")
    newcomer.ended(done)
    for _ in range(MOST_OPEN):
        newcomer.initiate([70000])
    reply = newcomer.http.post(f"/v1/download/{done}/retry")
    assert (reply.status_code, code(reply)) == (429, "TOO_MANY_OPEN_JOBS")
    assert newcomer.status(done, limit=0)["status"] == "failed"


def test_messages_carry_their_owner_as_a_group_that_nobody_can_read(
    alice: Service, newcomer: Service, standstill: str
) -> None:
    jobs = {user.initiate([70000, 70007]): user for user in (alice, newcomer)}
    queue = alice.cloud.client("sqs")
    found: dict[str, set[str]] = {job_id: set() for job_id in jobs}

    def receive() -> bool:
        asked = {"MaxNumberOfMessages": 10, "AttributeNames": ["All"], "VisibilityTimeout": 5}
        for message in queue.receive_message(QueueUrl=standstill, **asked).get("Messages", []):
            job_id = json.loads(message["Body"])["jobId"]
            if job_id in found:
                found[job_id].add(message["Attributes"]["MessageGroupId"])
        return all(found.values())

    until(receive, bool)
    assert found == {job: {sha256(user.owner.encode()).hexdigest()} for job, user in jobs.items()}
    assert len({group for groups in found.values() for group in groups}) == 2
