"""Links for other tools, on moto: how they are asked for, what is in them, and what never is."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

import jobs_api
import process_file
from downloads import clients, wiring
from downloads.aws.file_items import file_item
from downloads.file import PreparedFile, StoredObject
from downloads.model import Job, JobStatus
from tests.conftest import a_job, ready
from tests.integration.conftest import JOB_ID, context, sample
from tests.integration.signed_in import by, request
from tests.integration.test_jobs_api import body_of, finish

# Those with the most around a link, as it is and as JSON.
LARGEST = ("metalink", "curl")
LAMBDA_BYTES = 6 * 1024 * 1024
TYPES = {
    "csv": ("text/csv; charset=utf-8; header=present", "csv"),
    "urls": ("text/uri-list", "txt"),
    "aria2": ("text/plain; charset=utf-8", "aria2.txt"),
    "metalink": ("application/metalink4+xml", "meta4"),
    "curl": ("text/plain; charset=utf-8", "curl.txt"),
}


def links(accept: str | None = None, job_id: str = JOB_ID, **query: str) -> dict[str, Any]:
    event = request(f"/v1/download/{job_id}", **query)
    event["headers"] |= {"accept": accept} if accept is not None else {}
    return jobs_api.handler(event, context())


def urls_in(text: str) -> list[str]:
    return re.findall(r"https://[^\s\"<,]+", text)


@pytest.mark.parametrize("format_", TYPES)
def test_a_manifest_says_what_it_is(aws: SimpleNamespace, job: Job, format_: str) -> None:
    finish(aws, job)
    answer = links(format=format_)
    media_type, extension = TYPES[format_]
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    assert answer["statusCode"] == 200
    assert headers["content-type"] == media_type
    assert headers["content-disposition"] == f'attachment; filename="{JOB_ID}.{extension}"'
    assert (headers["cache-control"], headers["vary"]) == ("no-store", "Accept")
    assert {"ratelimit-limit", "x-request-id"} <= set(headers)
    assert "link" not in headers
    assert len(urls_in(answer["body"].replace("&amp;", "&"))) == 2


def test_every_link_is_made_anew(aws: SimpleNamespace, job: Job) -> None:
    finish(aws, job)
    (row, _, _) = csv.DictReader(io.StringIO(links(format="csv")["body"]))
    left = datetime.fromisoformat(row["urlExpiresAt"]) - datetime.now(UTC)
    assert left >= timedelta(minutes=59, seconds=50)


@pytest.mark.parametrize("format_", sorted({*TYPES} - {"metalink"}))
def test_before_the_end_it_is_a_202_with_what_is_ready(aws: SimpleNamespace, job: Job, format_: str) -> None:
    answer = links(format=format_)
    assert (answer["statusCode"], urls_in(answer["body"])) == (202, [])
    assert int(answer["headers"]["retry-after"]) >= 1
    aws.jobs.record(job, [ready(70007)], datetime.now(UTC))
    assert len(urls_in(links(format=format_)["body"])) == 1


def test_a_metalink_without_a_file_would_be_none(aws: SimpleNamespace, job: Job) -> None:
    answer = links(format="metalink")
    assert (answer["statusCode"], body_of(answer)["error"]["code"]) == (409, "NOTHING_READY")
    assert int(answer["headers"]["retry-after"]) >= 1


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/html, */*;q=0.1", "application/json"),
        ("text/csv", TYPES["csv"][0]),
        ("text/csv;q=0.2, text/uri-list", "text/uri-list"),
        ("application/metalink4+xml", "application/metalink4+xml"),
    ],
)
def test_accept_chooses(aws: SimpleNamespace, job: Job, accept: str, media_type: str) -> None:
    finish(aws, job)
    answer = links(accept)
    assert (answer["statusCode"], answer["headers"].get("Content-Type")) == (200, media_type)
    assert answer["headers"]["vary"] == "Accept"


def test_the_format_that_is_said_wins(aws: SimpleNamespace, job: Job) -> None:
    finish(aws, job)
    assert links("text/csv", format="json")["headers"]["Content-Type"] == "application/json"
    assert links("image/png", format="csv")["headers"]["Content-Type"] == TYPES["csv"][0]
    # An address in a picture's tag or in wget: whatever is there, is wanted.
    assert links("image/png", file_id="70000", redirect="true")["statusCode"] == 302


@pytest.mark.parametrize(
    ("accept", "query", "status", "code"),
    [
        ("image/png", {}, 406, "NOT_ACCEPTABLE"),
        ("*/*;q=0", {}, 406, "NOT_ACCEPTABLE"),
        (None, {"format": "zip"}, 422, "INVALID_REQUEST"),
        (None, {"format": ""}, 422, "INVALID_REQUEST"),
        (None, {"format": "csv", "file_id": "70000", "redirect": "true"}, 422, "INVALID_REQUEST"),
        (None, {"format": "csv", "file_id": "70014"}, 409, "FILE_FAILED"),
        (None, {"format": "csv", "file_id": "70021"}, 404, "FILE_NOT_IN_JOB"),
        (None, {"format": "csv", "cursor": "???"}, 422, "INVALID_CURSOR"),
    ],
)
def test_what_cannot_be_given(  # noqa: PLR0913, PLR0917 - what is asked and what is answered
    aws: SimpleNamespace, job: Job, accept: str | None, query: dict[str, str], status: int, code: str
) -> None:
    finish(aws, job)
    answer = links(accept, **query)
    assert (answer["statusCode"], body_of(answer)["error"]["code"]) == (status, code)
    assert answer["headers"]["Content-Type"] == "application/json"


def test_one_file_alone(aws: SimpleNamespace, job: Job) -> None:
    finish(aws, job)
    assert len(urls_in(links(format="urls", file_id="70007")["body"])) == 1


def test_names_that_the_template_makes_alike_are_told_apart(
    aws: SimpleNamespace, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(aws, job)
    monkeypatch.setenv("KEY_TEMPLATE", "files/{file_id}/data.bin")
    for cached in (wiring.settings, clients.s3_client_at, wiring.links):
        cached.cache_clear()
    assert re.findall(r"out=(.*)", links(format="aria2")["body"]) == ["data-70000.bin", "data-70007.bin"]
    assert re.findall(r"out=(.*)", links(format="aria2", file_id="70007")["body"]) == ["data-70007.bin"]


def test_the_checksum_is_told_when_it_is_one(aws: SimpleNamespace, job: Job) -> None:
    aws.s3.put_object(
        Bucket="downloads", Key="downloads/70007.zip", Body=b"x", ServerSideEncryption="aws:kms"
    )
    event = sample("process_file")
    record = event["Records"][0]
    event["Records"] = [
        record | {"messageId": str(each), "body": json.dumps({"jobId": JOB_ID, "fileId": each, "round": 1})}
        for each in (70000, 70007)
    ]
    process_file.handler(event, context())
    plain, encrypted, _ = csv.DictReader(io.StringIO(links(format="csv")["body"]))
    assert (plain["status"], plain["md5"]) == ("completed", "8b04d5e3775d298e78455efc5ca404d5")
    assert (encrypted["status"], encrypted["md5"]) == ("completed", "")
    assert links(format="metalink")["body"].count("<hash") == 1


def test_who_may_not_have_a_file_gets_no_link_to_it(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTH_MODE", "jwt")
    monkeypatch.setenv("FILES_CLAIM", "cognito:groups")
    wiring.settings.cache_clear()
    now = datetime.now(UTC).replace(microsecond=0)
    job = a_job(total=2, owner="user:bob", created_at=now, expires_at=now + timedelta(hours=1))
    aws.jobs.create(job, [70000, 70007])
    aws.jobs.record(job, [ready(70000), ready(70007)], now)
    for format_ in TYPES:
        event = request(f"/v1/download/{job.job_id}", format=format_)
        answer = jobs_api.handler(by("bob", event, **{"cognito:groups": "[files:70007]"}), context())
        (url,) = urls_in(answer["body"])
        assert "70007.zip" in url
        stranger = jobs_api.handler(
            by("eve", request(f"/v1/download/{job.job_id}", format=format_)), context()
        )
        assert stranger["statusCode"] == 404


@pytest.fixture
def large(aws: SimpleNamespace) -> Job:
    """A job of as many files as the default allows, all ready."""
    now = datetime.now(UTC).replace(microsecond=0)
    job = a_job(
        total=1_000,
        completed=1_000,
        status=JobStatus.COMPLETED,
        completed_at=now,
        created_at=now,
        expires_at=now + timedelta(days=1),
    )
    aws.jobs.create(job, range(70_000, 71_000))
    results = [PreparedFile(each, StoredObject("key", 42, "e" * 32, True)) for each in range(70_000, 71_000)]
    # Item by item: moto takes a second for each transaction of a hundred.
    for result in results:
        aws.dynamodb.put_item(TableName="downloads", Item=file_item(job, result, job.expires_at, now))
    return job


def pages(job_id: str, **query: str) -> list[dict[str, Any]]:
    """Every page, from one Link to the next."""
    found = [links(job_id=job_id, **query)]
    while link := found[-1]["headers"].get("link"):
        match = re.fullmatch(r'<\?(\S+)>; rel="next"', link)
        assert match
        found.append(links(job_id=job_id, **dict(pair.split("=") for pair in match[1].split("&"))))
    return found


def test_a_thousand_files_with_a_sessions_long_urls_are_one_document(
    large: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sessions(monkeypatch, "downloads/" + "long-name-" * 20 + "{file_id}.zip")
    for format_ in LARGEST:
        (page,) = pages(large.job_id, format=format_)
        assert len(urls_in(page["body"])) == 1_000
        assert max(map(len, urls_in(page["body"]))) > 2_000
        assert len(json.dumps(page)) < LAMBDA_BYTES


def test_the_longest_urls_there_can_be_take_pages_below_the_limit(
    large: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key takes 1,024 bytes, each of which can be eight characters of its URL: three of the path, five of
    the name in its query."""
    _sessions(monkeypatch, "日" * 338 + "{file_id}")
    for format_ in LARGEST:
        found = pages(large.job_id, format=format_)
        assert len(found) > 1
        assert all(len(json.dumps(page)) < LAMBDA_BYTES for page in found)
        urls = [url for page in found for url in urls_in(page["body"])]
        assert min(map(len, urls)) > 10_000
        ids = [match for url in urls for match in re.findall(r"(7\d{4})\?", url)]
        assert ids == [str(each) for each in range(70_000, 71_000)]


def test_a_smaller_page_says_where_the_next_is(large: Job) -> None:
    found = pages(large.job_id, format="urls", limit="300")
    assert [len(urls_in(page["body"])) for page in found] == [300, 300, 300, 100]


def _sessions(monkeypatch: pytest.MonkeyPatch, key_template: str) -> None:
    """Credentials of a function's role, whose token is in every URL."""
    token = "IQoJb3JpZ2luX2Vj" * 90
    session = boto3.Session("testing", "testing", token, region_name="eu-central-1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    monkeypatch.setenv("KEY_TEMPLATE", key_template)
    for cached in (wiring.settings, clients.s3_client_at, wiring.links):
        cached.cache_clear()


def test_the_document_names_every_media_type(aws: SimpleNamespace) -> None:
    document = body_of(jobs_api.handler(request("/openapi.json"), context()))
    call = document["paths"]["/v1/download/{jobId}"]["get"]
    offered = {media_type.partition(";")[0] for media_type, _ in TYPES.values()} | {"application/json"}
    for status in ("200", "202"):
        assert set(call["responses"][status]["content"]) == offered
    assert set(call["responses"]["406"]["content"]) == {"application/json"}
    assert "format" in {each["name"] for each in call["parameters"]}
