"""The bytes of files in S3, or in any store that speaks its protocol, as long as they are the same files."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody
from urllib3.exceptions import HTTPError

from downloads.aws.s3 import faults_translated
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
        with faults_translated(), _changes_told(stored.key):
            found = self._client.get_object(
                Bucket=self._bucket, Key=stored.key, IfMatch=f'"{stored.etag}"', Range=f"bytes={start}-"
            )
        return S3Body(found["Body"])


@contextmanager
def _changes_told(key: str) -> Iterator[None]:
    """Raises FileChangedError for another file, ObjectUnreadableError for one that is archived by now."""
    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        # A range that begins behind the end is of another file, too.
        if status in {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE}:
            raise FileChangedError(key) from error
        # A 403 as well, but nobody refuses it.
        if error.response["Error"]["Code"] == "InvalidObjectState":
            raise ObjectUnreadableError(ErrorCode.ARCHIVED) from error
        raise


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
