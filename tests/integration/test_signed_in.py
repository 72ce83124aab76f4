"""Who calls, on a stage that asks for tokens: what the authorizer verified, nothing that a client says."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

import initiate_job
import jobs_api
import stream_progress
from downloads import wiring
from downloads.model import Job
from downloads.notice import Attempt
from tests.conftest import a_job, failed
from tests.integration.conftest import IDS, JOB_ID, context
from tests.integration.signed_in import by, request

INITIATE = "/v1/download/initiate"
THEIRS = [
    ("GET", f"/v1/download/status/{JOB_ID}", {}),
    ("GET", f"/v1/download/{JOB_ID}", {}),
    ("GET", f"/v1/download/{JOB_ID}", {"file_id": "70000"}),
    ("GET", f"/v1/download/{JOB_ID}", {"file_id": "70000", "redirect": "true"}),
    ("DELETE", f"/v1/download/{JOB_ID}", {}),
    ("POST", f"/v1/download/{JOB_ID}/retry", {}),
    ("POST", f"/v1/download/{JOB_ID}/ticket", {}),
    ("GET", f"/v1/download/{JOB_ID}/deliveries", {}),
]


@pytest.fixture(autouse=True)
def tokens_wanted(aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AUTH_MODE": "jwt",
        "TOKEN_ISSUER": "https://issuer.example",
        "TOKEN_AUDIENCES": "client",
        # A token comes back each 3 s: later than a busy machine takes for the next call.
        "RATE_LIMIT_PER_MINUTE": "20",
        "RATE_LIMIT_BURST": "3",
        "MAX_OPEN_JOBS": "2",
    }.items():
        monkeypatch.setenv(name, value)
    wiring.settings.cache_clear()


@pytest.fixture
def hers(aws: SimpleNamespace, job: Job) -> Job:
    """The samples' job, and alice's; ended, with everything failed."""
    aws.dynamodb.delete_item(TableName="downloads", Key={"PK": {"S": f"JOB#{JOB_ID}"}, "SK": {"S": "JOB"}})
    aws.dynamodb.delete_item(TableName="downloads", Key={"PK": {"S": f"JOB#{JOB_ID}"}, "SK": {"S": "IDS"}})
    made = a_job(
        total=3, job_id=JOB_ID, owner="user:alice", created_at=job.created_at, expires_at=job.expires_at
    )
    aws.jobs.create(made, IDS)
    aws.jobs.record(made, [failed(file_id) for file_id in IDS], job.created_at)
    return made


def ask(event: dict[str, Any]) -> tuple[int, dict[str, Any], dict[str, str]]:
    functions = {INITIATE: initiate_job, f"/v1/download/progress/{JOB_ID}": stream_progress}
    answer = functions.get(event["rawPath"], jobs_api).handler(event, context())
    is_json = answer["headers"].get("Content-Type", "").startswith("application/json")
    return answer["statusCode"], json.loads(answer["body"]) if is_json else {}, answer["headers"]


def start(user: str, *file_ids: int, **claims: str) -> tuple[int, dict[str, Any], dict[str, str]]:
    return ask(by(user, request(INITIATE, "POST", json.dumps({"file_ids": list(file_ids)})), **claims))


@pytest.mark.parametrize(
    ("method", "path", "query"), [*THEIRS, ("GET", "/v1/downloads", {}), ("POST", INITIATE, {})]
)
def test_a_route_left_without_its_authorizer_lets_nobody_in(
    hers: Job, method: str, path: str, query: dict[str, str]
) -> None:
    body = json.dumps({"file_ids": [70000]}) if path == INITIATE else None
    status, told, headers = ask(request(path, method, body, **query))
    assert (status, told["error"]["code"]) == (401, "UNAUTHENTICATED")
    assert headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("claims", [{"token_use": "id"}, {"exp": ""}, {"exp": "soon"}, {"sub": ""}])
def test_no_other_token_than_an_access_token_says_who_calls(hers: Job, claims: dict[str, str]) -> None:
    status, told, _ = ask(by("alice", request("/v1/downloads"), **claims))
    assert (status, told["error"]["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize(("method", "path", "query"), THEIRS)
def test_another_s_job_is_no_job(
    aws: SimpleNamespace, hers: Job, method: str, path: str, query: dict[str, str]
) -> None:
    before = aws.jobs.get(JOB_ID)
    status, told, _ = ask(by("bob", request(path, method, **query)))
    unknown = path.replace(JOB_ID, "00000000-0000-4000-8000-000000000000")
    _, never, _ = ask(by("bob", request(unknown, method, **query)))
    assert (status, told["error"]) == (404, never["error"])
    assert aws.jobs.get(JOB_ID) == before
    assert ask(by("alice", request(path, method, **query)))[0] != 404


def test_a_list_is_the_callers_own_page_by_page(hers: Job) -> None:
    mine = [start("bob", 70000)[1]["jobId"] for _ in range(2)]
    _, first, _ = ask(by("bob", request("/v1/downloads", limit="1")))
    _, second, _ = ask(by("bob", request("/v1/downloads", limit="1", cursor=first["nextCursor"])))
    listed = [job["jobId"] for page in (first, second) for job in page["jobs"]]
    assert sorted(listed) == sorted(mine)
    _, alices, _ = ask(by("alice", request("/v1/downloads")))
    assert [job["jobId"] for job in alices["jobs"]] == [JOB_ID]
    assert alices["jobs"][0]["progress"] == {"completed": 0, "failed": 3, "total": 3, "percentage": 100}


@pytest.mark.parametrize("cursor", ["", "x", "MSAy", "4pyT", "OTk5OTk5OTk5OTk5OTk5OTk5IHg"])
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    status, told, _ = ask(by("bob", request("/v1/downloads", cursor=cursor)))
    assert (status, told["error"]["code"]) == (422, "INVALID_CURSOR")


def test_who_starts_too_fast_is_told_when_to_come_again() -> None:
    remaining = []
    for number in range(2):
        status, _, headers = start("bob", 70000 + number)
        assert status == 202
        remaining.append(int(headers["ratelimit-remaining"]))
    assert remaining == [2, 1]
    status, told, _ = start("bob", 70000)
    assert (status, told["error"]["code"]) == (429, "TOO_MANY_OPEN_JOBS")
    status, told, headers = start("bob", 70000)
    assert (status, told["error"]["code"]) == (429, "RATE_LIMITED")
    assert 1 <= int(headers["Retry-After"]) <= 3
    assert (headers["ratelimit-limit"], headers["ratelimit-remaining"]) == ("3", "0")
    assert start("carol", 70000)[0] == 202


def test_every_reply_says_what_is_left_and_no_header_of_the_client_changes_whose() -> None:
    start("bob", 70000)
    event = by("bob", request("/v1/downloads"))
    event["headers"]["x-forwarded-for"] = "198.51.100.9"
    _, _, headers = ask(event)
    assert headers["ratelimit-remaining"] == "2"
    _, _, headers = ask(request("/health"))
    assert headers["ratelimit-remaining"] == "3"


def test_the_same_key_costs_nothing_again() -> None:
    event = by("bob", request(INITIATE, "POST", '{"file_ids": [70000]}'))
    event["headers"]["idempotency-key"] = "k"
    first = ask(event)
    for _ in range(5):
        status, again, headers = ask(event)
        assert (status, again["jobId"]) == (202, first[1]["jobId"])
        assert headers["ratelimit-remaining"] == first[2]["ratelimit-remaining"]


def test_two_users_with_one_key_have_two_jobs() -> None:
    def with_key(user: str) -> str:
        event = by(user, request(INITIATE, "POST", '{"file_ids": [70000]}'))
        event["headers"]["idempotency-key"] = "k"
        return str(ask(event)[1]["jobId"])

    assert with_key("bob") != with_key("alice")


def test_a_retry_takes_a_place_too(hers: Job) -> None:
    # The end is told, so that nothing but the places stands in the way.
    for file_id in IDS[:2]:
        assert start("alice", file_id)[0] == 202
    status, told, _ = ask(by("alice", request(f"/v1/download/{JOB_ID}/retry", "POST")))
    assert (status, told["error"]["code"]) == (429, "TOO_MANY_OPEN_JOBS")


def test_a_retry_costs_a_token(hers: Job) -> None:
    for _ in range(3):
        # The first reopens the job; one that is refused costs nothing.
        _, _, headers = ask(by("alice", request(f"/v1/download/{JOB_ID}/retry", "POST")))
    assert headers["ratelimit-remaining"] == "2"


def test_attempts_at_a_webhook_are_told_to_their_owner_alone(aws: SimpleNamespace, hers: Job) -> None:
    aws.deliveries.begin(Attempt(JOB_ID, 2, 1, hers.created_at, owner="user:alice"))
    path = f"/v1/download/{JOB_ID}/deliveries"
    assert len(ask(by("alice", request(path)))[1]["deliveries"]) == 1
    assert ask(by("bob", request(path)))[0] == 404


def test_replies_are_referred_to_by_nobody(hers: Job) -> None:
    _, _, headers = ask(by("alice", request(f"/v1/download/{JOB_ID}")))
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (INITIATE, {"file_ids": [70000], "userId": "alice"}),
        (INITIATE, {"file_ids": [70000], "owner": "user:alice", "status": "completed"}),
        ("/v1/download/check", {"file_id": 70000, "owner": "user:alice"}),
    ],
)
def test_nothing_more_than_the_contract_is_taken(path: str, body: dict[str, Any]) -> None:
    status, told, _ = ask(by("bob", request(path, "POST", json.dumps(body))))
    assert (status, told["error"]["code"]) == (422, "INVALID_REQUEST")


def test_messages_of_one_user_are_a_group_that_does_not_name_him(aws: SimpleNamespace) -> None:
    start("bob", 70000, 70007)
    start("alice", 70000)
    received = aws.sqs.receive_message(
        QueueUrl=aws.urls["normal"], MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
    )["Messages"]
    jobs: dict[str, set[str]] = {}
    for message in received:
        job_id = json.loads(message["Body"])["jobId"]
        jobs.setdefault(job_id, set()).add(message["Attributes"]["MessageGroupId"])
    groups = [group for of_job in jobs.values() for group in of_job]
    assert len(groups) == len(set(groups)) == len(jobs) == 2
    assert not any("bob" in group or "alice" in group for group in groups)
