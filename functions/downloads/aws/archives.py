"""Archives in S3, or in any store that speaks its protocol, written by multipart upload."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from downloads.bundle_ports import Part, Whole
from downloads.errors import StoreUnavailableError, UploadGoneError
from downloads.file import ErrorCode

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

NO_SUCH_UPLOAD = "NoSuchUpload"
Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def careful(call: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """The call with its faults in the words of the port; whatever it is may pass, and is tried again."""

    @wraps(call)
    def translated(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
        try:
            return call(*args, **kwargs)
        except ClientError as error:
            if error.response["Error"]["Code"] == NO_SUCH_UPLOAD:
                raise UploadGoneError from error
            raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE) from error
        except BotoCoreError as error:
            raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE) from error

    return translated


class S3Archives:
    """The Archives port on one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @careful
    def begin(self, key: str) -> str:
        made = self._client.create_multipart_upload(
            Bucket=self._bucket, Key=key, ContentType="application/zip"
        )
        return made["UploadId"]

    @careful
    def upload(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        done = self._client.upload_part(
            Bucket=self._bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=data
        )
        return _plain(done["ETag"])

    @careful
    def parts(self, key: str, upload_id: str) -> Sequence[Part]:
        pages = self._client.get_paginator("list_parts").paginate(
            Bucket=self._bucket, Key=key, UploadId=upload_id
        )
        return [
            Part(part["PartNumber"], part["Size"], _plain(part["ETag"]))
            for page in pages
            for part in page.get("Parts", [])
        ]

    @careful
    def complete(self, key: str, upload_id: str, parts: Sequence[Part]) -> Whole:
        listed: list[CompletedPartTypeDef] = [
            {"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts
        ]
        done = self._client.complete_multipart_upload(
            Bucket=self._bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": listed}
        )
        return Whole(sum(part.size for part in parts), _plain(done["ETag"]))

    @careful
    def find(self, key: str) -> Whole | None:
        # A HEAD of what is not there is a 403 to who may list below a prefix only.
        listed = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        for found in listed.get("Contents", []):
            if found["Key"] == key:
                return Whole(found["Size"], _plain(found["ETag"]))
        return None

    @careful
    def end(self, key: str, upload_id: str) -> None:
        self._end(key, upload_id)

    @careful
    def abort(self, prefix: str) -> None:
        pages = self._client.get_paginator("list_multipart_uploads").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        for upload in [upload for page in pages for upload in page.get("Uploads", [])]:
            self._end(upload["Key"], upload["UploadId"])

    @careful
    def delete(self, prefix: str) -> None:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        for found in [found for page in pages for found in page.get("Contents", [])]:
            self._client.delete_object(Bucket=self._bucket, Key=found["Key"])

    def _end(self, key: str, upload_id: str) -> None:
        try:
            self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload_id)
        except ClientError as error:
            # Another did so first.
            if error.response["Error"]["Code"] != NO_SUCH_UPLOAD:
                raise


def _plain(etag: str) -> str:
    return etag.strip('"')
