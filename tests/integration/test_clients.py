"""What the S3 client for archives sends, by its own configuration."""

from hashlib import sha256
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from downloads import wiring
from downloads.clients import s3_client, s3_moving_client, s3_signing_client
from downloads.settings import BundlerSettings

PART = b"x" * 1_000
SERVER = "https://s3.example.org"


class Answer:
    """The body of an answer that begins an upload."""

    def stream(self, **_: Any) -> Any:
        yield b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"


@pytest.mark.parametrize("server", [None, SERVER])
def test_a_part_is_vouched_for_by_its_signature_and_by_no_checksum_that_completing_would_need(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, server: str | None
) -> None:
    if server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server)
    client = s3_moving_client(wiring.settings(BundlerSettings))
    sent: list[dict[str, Any]] = []

    def answered(request: Any, **_: Any) -> AWSResponse | None:
        """moto answers for AWS."""
        sent.append({name.lower(): value for name, value in request.headers.items()})
        return AWSResponse(request.url, 200, {}, Answer()) if server else None

    client.meta.events.register_first("before-send.s3", answered)
    upload_id = client.create_multipart_upload(Bucket="archives", Key="a.zip")["UploadId"]
    client.upload_part(Bucket="archives", Key="a.zip", UploadId=upload_id, PartNumber=1, Body=PART)
    assert [name for headers in sent for name in headers if "checksum" in name or "trailer" in name] == []
    assert sent[1]["x-amz-content-sha256"] in {sha256(PART).hexdigest(), sha256(PART).hexdigest().encode()}


def test_links_and_calls_share_a_client_where_browsers_see_the_same_address(aws: SimpleNamespace) -> None:
    here = wiring.settings(BundlerSettings)
    assert s3_signing_client(here) is s3_client(here)


def test_links_are_signed_by_a_client_of_the_address_that_browsers_see(
    aws: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://store.internal:9000")
    monkeypatch.setenv("S3_PUBLIC_ENDPOINT_URL", SERVER)
    monkeypatch.setenv("S3_REGION", "auto")
    elsewhere = wiring.settings(BundlerSettings)
    assert s3_client(elsewhere).meta.endpoint_url == "http://store.internal:9000"
    assert s3_signing_client(elsewhere).meta.endpoint_url == SERVER
    assert {s3_client(elsewhere).meta.region_name, s3_signing_client(elsewhere).meta.region_name} == {"auto"}
