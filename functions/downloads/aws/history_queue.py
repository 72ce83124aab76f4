"""The queue of jobs that have ended, on their way into the history."""

from typing import TYPE_CHECKING

from downloads.aws.origins import attributes_of
from downloads.aws.sending import send
from downloads.contracts.history import HistoryMessage
from downloads.errors import ExportUnsentError
from downloads.model import Job

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class SqsHistory:
    """The HistoryQueue port."""

    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url

    def send(self, job: Job) -> None:
        body = HistoryMessage.of(job).json()
        send(self._client, self._url, body, ExportUnsentError, **attributes_of(job.origin))
