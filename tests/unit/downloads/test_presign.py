"""Links are botocore's, byte for byte, whatever the key, the bucket, the endpoint and the credentials."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from downloads.aws.presign import Links, content_disposition
from downloads.file import file_name

ODD = [
    "a b",
    "+",
    "~",
    "%2F",
    "=&?#",
    "//",
    "..",
    "./",
    "日本",
    "é",
    "e\u0301",
    "\U0001f600",
    '"',
    "\\",
    "\n",
    "\x7f",
]
KEYS = st.one_of(
    st.lists(st.sampled_from([*ODD, "/", "70000", ".zip", "-_."]), min_size=1, max_size=8).map("".join),
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
)
BUCKETS = ["downloads", "with.dots", "a-b-3"]
ENDPOINTS = [
    None,
    "http://127.0.0.1:4566",
    "http://localhost:80",
    "https://s3.example:443/base",
    "https://S3.Example:8443",
    "http://[::1]:8333",
]
STYLES: list[dict[str, Any]] = [
    {"addressing_style": "virtual"},
    {"addressing_style": "path"},
    {"addressing_style": "auto"},
    {"addressing_style": "virtual", "use_dualstack_endpoint": True},
    {"us_east_1_regional_endpoint": "regional"},
]
TOKENS = [None, "", "IQoJb3JpZ2luX2Vj+/==" * 40]
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@cache
def client(endpoint: str | None, style: int, region: str, token: str | None) -> Any:
    settings = {} if endpoint and "use_dualstack_endpoint" in STYLES[style] else STYLES[style]
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key=SECRET,
        aws_session_token=token,
        config=Config(signature_version="s3v4", s3=settings),
    )


@given(
    key=KEYS,
    bucket=st.sampled_from(BUCKETS),
    endpoint=st.sampled_from(ENDPOINTS),
    style=st.integers(0, len(STYLES) - 1),
    region=st.sampled_from(["us-east-1", "eu-central-1", "cn-north-1"]),
    token=st.sampled_from(TOKENS),
    ttl_s=st.integers(1, 604_800),
)
def test_a_link_is_botocores(  # noqa: PLR0913, PLR0917 - whatever a link depends on
    key: str, bucket: str, endpoint: str | None, style: int, region: str, token: str | None, ttl_s: int
) -> None:
    s3 = client(endpoint, style, region, token)
    given_ = {"Bucket": bucket, "Key": key, "ResponseContentDisposition": content_disposition(file_name(key))}
    expected = s3.generate_presigned_url("get_object", given_, ExpiresIn=ttl_s)
    (signed_at,) = parse_qs(urlsplit(expected).query)["X-Amz-Date"]
    now = datetime.strptime(signed_at, "%Y%m%dT%H%M%S%z")
    credentials = Credentials("AKIDEXAMPLE", SECRET, token)
    link = Links(s3, credentials, bucket, timedelta(seconds=ttl_s)).presign(key, now)
    assert link.url == expected
    assert link.expires_at == now + timedelta(seconds=ttl_s)


def test_a_link_ends_with_the_second_that_s3_counts_from() -> None:
    now = datetime(2026, 11, 30, 23, 59, 59, 999_999, tzinfo=UTC)
    link = links().presign("k", now)
    assert "&X-Amz-Date=20261130T235959Z&" in link.url
    assert link.expires_at == datetime(2026, 12, 1, 0, 59, 59, tzinfo=UTC)


def test_the_next_day_and_new_credentials_have_keys_of_their_own() -> None:
    credentials = Credentials("AKIDEXAMPLE", SECRET)
    held = links(credentials)
    now = datetime(2026, 11, 30, tzinfo=UTC)
    first = held.presign("k", now).url
    later = held.presign("k", now + timedelta(days=1)).url
    credentials.access_key, credentials.secret_key, credentials.token = "AKIDRENEWED", "other", "token"
    renewed = held.presign("k", now).url
    assert len({parse_qs(url)["X-Amz-Signature"][0] for url in (first, later, renewed)}) == 3
    assert "AKIDRENEWED" in renewed
    assert "X-Amz-Security-Token=token" in renewed


def test_what_is_not_signed_so_is_refused() -> None:
    """By signature version 2, a link has no credential scope."""
    old = boto3.client("s3", "us-east-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key=SECRET)
    with pytest.raises(ValueError, match="downloads"):
        links(client_=old).presign("k", datetime.now(UTC))


def links(credentials: Credentials | None = None, client_: Any = None) -> Links:
    made = client_ or client(None, 0, "us-east-1", None)
    return Links(made, credentials or Credentials("AKIDEXAMPLE", SECRET), "downloads", timedelta(hours=1))
