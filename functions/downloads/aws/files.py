"""The bytes of files in S3, or in any store that speaks its protocol, as long as they are the same files."""

from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody
from urllib3.exceptions import HTTPError

from downloads.aws.s3 import PERMANENT
from downloads.bundling.stream import Body
from downloads.errors import FileChangedError, ObjectUnreadableError, StoreUnavailableError
from downloads.file import ErrorCode, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Files:
    """The Files port on one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def open(self, stored: StoredObject, start: int) -> Body:
        try:
            found = self._client.get_object(
                Bucket=self._bucket, Key=stored.key, IfMatch=f'"{stored.etag}"', Range=f"bytes={start}-"
            )
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            # A range that begins behind the end is of another file, too.
            if status in {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
                raise FileChangedError(stored.key) from error
            # A 403 as well, of a file that is archived, or archived again: nobody refuses it.
            archived = error.response["Error"]["Code"] == "InvalidObjectState"
            code = ErrorCode.ARCHIVED if archived else PERMANENT.get(status)
            raise (
                ObjectUnreadableError(code) if code else StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE)
            ) from error
        except BotoCoreError as error:
            raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE) from error
        return S3Body(found["Body"])


class S3Body:
    """The Body port on an answer of S3's."""

    def __init__(self, answer: StreamingBody) -> None:
        self._answer = answer

    def read(self, amount: int, /) -> bytes:
        try:
            return self._answer.read(amount)
        except (BotoCoreError, HTTPError, OSError) as error:
            raise StoreUnavailableError(ErrorCode.STORAGE_UNAVAILABLE) from error

    def close(self) -> None:
        self._answer.close()
