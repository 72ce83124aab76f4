"""The Objects port, on the fake and on S3."""

from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from downloads import wiring
from downloads.aws.presign import content_disposition
from downloads.aws.s3 import is_md5
from downloads.errors import ObjectUnreadableError
from downloads.file import ErrorCode
from downloads.ports import Objects
from downloads.setting_parts import ObjectSettings, read


def test_head_tells_key_size_and_etag(objects: Objects) -> None:
    found = objects.head(70000)
    assert (found.key, found.size, found.name) == ("downloads/70000.zip", 5, "70000.zip")
    assert found.etag
    assert '"' not in found.etag


def test_an_empty_file_is_a_file(objects: Objects) -> None:
    assert objects.head(70007).size == 0


def test_a_missing_file_is_unreadable_for_good(objects: Objects) -> None:
    with pytest.raises(ObjectUnreadableError) as raised:
        objects.head(70014)
    assert raised.value.code is ErrorCode.NOT_FOUND


def test_a_link_says_when_it_ends(objects: Objects, now: datetime) -> None:
    link = objects.presign(70000, now)
    assert link.expires_at == now + timedelta(hours=1)
    assert "downloads/70000.zip" in link.url


def test_an_s3_link_names_the_file(aws: None, now: datetime) -> None:
    told = {"stage": "test", "table_name": "t", "bucket_name": "downloads", "url_ttl_seconds": "300"}
    config = read(ObjectSettings, told | {"key_template": "files/año-{file_id}.zip"})
    query = parse_qs(urlsplit(wiring.objects(config).presign(70000, now).url).query)
    assert query["response-content-disposition"] == [content_disposition("año-70000.zip")]
    assert query["X-Amz-Expires"] == ["300"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("plain.zip", 'attachment; filename="plain.zip"'),
        ('a"b\\c\r\nd.zip', 'attachment; filename="abcd.zip"'),
        ("año.zip", "attachment; filename=\"a_o.zip\"; filename*=UTF-8''a%C3%B1o.zip"),
    ],
)
def test_content_disposition_by_rfc_6266(name: str, header: str) -> None:
    assert content_disposition(name) == header


MD5 = "9e107d9d372bb6826bd81d3542a419d6"


@pytest.mark.parametrize(
    ("etag", "head", "known"),
    [
        (MD5, {}, True),
        (MD5, {"ServerSideEncryption": "AES256", "StorageClass": "GLACIER_IR"}, True),
        (f"{MD5}-2", {}, False),
        ("etag", {}, False),
        (MD5, {"ServerSideEncryption": "aws:kms"}, False),
        (MD5, {"ServerSideEncryption": "aws:kms:dsse"}, False),
        (MD5, {"SSECustomerAlgorithm": "AES256"}, False),
        (MD5, {"StorageClass": "EXPRESS_ONEZONE"}, False),
    ],
)
def test_an_etag_is_an_md5_only_where_s3_promises_it(etag: str, head: dict[str, str], known: bool) -> None:
    assert is_md5(etag, head) is known
