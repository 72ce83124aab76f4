"""Files in S3, or in any store that speaks its protocol."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError

from downloads.aws.presign import Links
from downloads.aws.s3_restore import ask_to_restore, cold_of
from downloads.cold import ColdClass, Restore, Tier
from downloads.errors import DependencyDownError, ObjectUnreadableError, StoreUnavailableError
from downloads.file import ErrorCode, SignedUrl, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PERMANENT: dict[int, ErrorCode] = {
    HTTPStatus.NOT_FOUND: ErrorCode.NOT_FOUND,
    HTTPStatus.FORBIDDEN: ErrorCode.FORBIDDEN,
}

# An object that is archived no more, or being restored, since it was looked at: the next look tells.
CHANGED = {"InvalidObjectState", "ObjectAlreadyInActiveTierError"}
MD5 = re.compile(r"[0-9a-f]{32}", re.ASCII)


class S3Objects:
    """The Objects port on one bucket, that of ``links``. ``key_template`` holds ``{file_id}``."""

    def __init__(self, client: "S3Client", bucket: str, key_template: str, links: Links) -> None:
        self._client = client
        self._bucket = bucket
        self._key_template = key_template
        self._links = links

    def key(self, file_id: int) -> str:
        return self._key_template.format(file_id=file_id)

    def head(self, file_id: int) -> StoredObject:
        key = self.key(file_id)
        with faults_translated():
            found = self._client.head_object(Bucket=self._bucket, Key=key)
        etag = found["ETag"].strip('"')
        cold, restoring, copy_until = cold_of(found)
        return StoredObject(
            key, found["ContentLength"], etag, is_md5(etag, found), cold, restoring, copy_until
        )

    def restore(self, file_id: int, cold: ColdClass | None, tier: Tier, days: int) -> Restore:
        with faults_translated():
            return ask_to_restore(self._client, self._bucket, self.key(file_id), cold, tier, days)

    def presign(self, file_id: int, now: datetime) -> SignedUrl:
        return self._links.presign(self.key(file_id), now)

    def ping(self) -> None:
        """Asks for the bucket (needs ``s3:ListBucket``). Raises DependencyDownError."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except (ClientError, BotoCoreError) as error:
            raise DependencyDownError from error


def file_of(key: str, key_template: str) -> int | None:
    """Which file's key this is; None when it is no file's."""
    before, after = (re.escape(part.format()) for part in key_template.split("{file_id}"))
    found = re.fullmatch(f"{before}([0-9]{{1,9}}){after}", key, re.ASCII)
    return int(found[1]) if found and key_template.format(file_id=int(found[1])) == key else None


@contextmanager
def faults_translated() -> Iterator[None]:
    """Raises ObjectUnreadableError for what stays as it is, StoreUnavailableError for all else."""
    try:
        yield
    except (ConnectTimeoutError, ReadTimeoutError) as error:
        raise StoreUnavailableError(ErrorCode.TIMEOUT) from error
    except ClientError as error:
        code = PERMANENT.get(error.response["ResponseMetadata"]["HTTPStatusCode"])
        if code and error.response["Error"]["Code"] not in CHANGED:
            raise ObjectUnreadableError(code) from error
        raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE) from error
    except BotoCoreError as error:
        raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE) from error


def is_md5(etag: str, head: Mapping[str, object]) -> bool:
    """Whether an ETag is the MD5 of the bytes (S3 API Reference, Object), by its form and the HEAD's answer.

    Never for parts (a dash), for KMS or customer-provided keys, or in a directory bucket.
    """
    encrypted = head.get("ServerSideEncryption", "AES256") != "AES256" or "SSECustomerAlgorithm" in head
    express = head.get("StorageClass") == "EXPRESS_ONEZONE"
    return bool(MD5.fullmatch(etag)) and not encrypted and not express
