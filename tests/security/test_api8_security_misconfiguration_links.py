"""API8:2023. A link opens one file, for reading, for a while, and says safely what the file is called."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import httpx
import pytest

from downloads.aws.presign import content_disposition
from infra_cdk.config import for_stage
from tests.e2e.conftest import Service

LIFE_S = for_stage("dev").url_ttl_seconds


@pytest.fixture
def link(alice: Service, alices: str) -> str:
    alice.ended(alices)
    url: str = alice.http.get(f"/v1/download/{alices}?file_id=70000").json()["files"][0]["downloadUrl"]
    return url


def changed(link: str, **query: str) -> str:
    parts = urlsplit(link)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()} | query
    return urlunsplit(parts._replace(query=urlencode(asked)))


def test_a_link_brings_the_file(link: str) -> None:
    reply = httpx.get(link)
    assert reply.status_code == 200
    assert len(reply.content) > 4_000


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "HEAD"])
def test_a_link_is_for_reading_alone(alice: Service, link: str, method: str) -> None:
    assert httpx.request(method, link, content=b"mine now").status_code == 403
    assert len(httpx.get(link).content) > 4_000


@pytest.mark.parametrize("key", ["70007.zip", "../downloads/70007.zip", "70000.zip/", ""])
def test_a_link_opens_no_other_file(link: str, key: str) -> None:
    parts = urlsplit(link)
    other = urlunsplit(parts._replace(path=parts.path.replace("70000.zip", key)))
    assert httpx.get(other).status_code in {403, 404}
    assert b"PK" not in httpx.get(other).content[:4]


@pytest.mark.parametrize(
    "query",
    [
        {"X-Amz-Expires": "604800"},
        {"response-content-disposition": "inline"},
        {"response-content-type": "text/html"},
        {"X-Amz-Date": "20990101T000000Z"},
        {"X-Amz-Signature": "0" * 64},
        {"versionId": "null"},
    ],
    ids=lambda query: next(iter(query)),
)
def test_nothing_of_a_link_can_be_changed(link: str, query: dict[str, str]) -> None:
    assert httpx.get(changed(link, **query)).status_code in {400, 403}


def test_a_link_lives_no_longer_than_the_setting_says(alice: Service, alices: str, link: str) -> None:
    query = parse_qs(urlsplit(link).query)
    assert int(query["X-Amz-Expires"][0]) <= LIFE_S
    signed_at = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert signed_at <= datetime.now(UTC) + timedelta(seconds=5)
    assert query["X-Amz-SignedHeaders"] == ["host"]


def test_a_link_is_saved_and_not_shown(link: str) -> None:
    assert httpx.get(link).headers["content-disposition"] == 'attachment; filename="70000.zip"'


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="evil.exe',
        "a\r\nset-cookie: x=1",
        "../../etc/passwd",
        "a\\b",
        "naïve ✓.zip",
        "\x00\x7f",
        ";",
    ],
)
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    header = content_disposition(name)
    assert re.fullmatch(r"attachment; filename=\"[ !#-.0-\[\]-~]*\"(; filename\*=UTF-8''[\w%.~-]+)?", header)
